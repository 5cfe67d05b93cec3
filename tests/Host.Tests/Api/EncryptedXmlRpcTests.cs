using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hospes.Host.Api.Listeners;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Api;

/// <summary>The XML-RPC interface on TCP with a key and a certificate: HTTPS, and nothing else.</summary>
public sealed class EncryptedXmlRpcTests : IDisposable
{
    private const string Body = "<methodCall><methodName>xend.domains</methodName><params><param><value><int>0</int></value></param></params></methodCall>";

    private static readonly string Request =
        $"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: {Body.Length}\r\n\r\n{Body}";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Calls_are_answered_under_the_configured_certificate_only()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = Certificate(key);
        int port = FreePort.Find();
        await using Appliance appliance = await Appliance.StartAsync(Configured(port), paths =>
        {
            File.WriteAllText(Path.Combine(paths.Configuration, "own.key"), key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(Path.Combine(paths.Configuration, "own.crt"), certificate.ExportCertificatePem());
        });

        using TcpClient client = new("127.0.0.1", port);
        await using SslStream stream = new(client.GetStream(), false, (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString());
        await stream.AuthenticateAsClientAsync("localhost");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Request));
        using StreamReader reader = new(stream);
        (await reader.ReadToEndAsync()).Should().StartWith("HTTP/1.1 200 OK").And.Contain("<string>Domain-0</string>");

        using TcpClient plain = new("127.0.0.1", port);
        await plain.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Request));
        using StreamReader answer = new(plain.GetStream());
        (await ReadAsync(answer)).Should().NotContain("Domain-0", "it answers nobody in the clear");
    }

    [Theory]
    [InlineData("(xend-tcp-xmlrpc-server-ssl-key-file /k)", "xend-tcp-xmlrpc-server-ssl-key-file: a key needs its xend-tcp-xmlrpc-server-ssl-cert-file")]
    [InlineData("(xend-tcp-xmlrpc-server-ssl-cert-file /c)", "xend-tcp-xmlrpc-server-ssl-cert-file: a certificate needs its xend-tcp-xmlrpc-server-ssl-key-file")]
    [InlineData("(xend-tcp-xmlrpc-server-ssl-key-file /k) (xend-tcp-xmlrpc-server-ssl-cert-file /c)", "cannot be encrypted with the key *k and the certificate *c: ")]
    public void What_cannot_be_used_is_told(string text, string message) =>
        Refused(text, $"*{message}*");

    [Fact]
    public void A_key_that_is_not_the_certificates_is_refused()
    {
        using RSA key = RSA.Create(2048);
        using RSA other = RSA.Create(2048);
        using X509Certificate2 certificate = Certificate(key);
        File.WriteAllText(_directory.File("k"), other.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_directory.File("c"), certificate.ExportCertificatePem());
        Refused("(xend-tcp-xmlrpc-server-ssl-key-file /k) (xend-tcp-xmlrpc-server-ssl-cert-file /c)", "*cannot be encrypted with the key*");
    }

    private void Refused(string text, string message) =>
        FluentActions.Invoking(() => ServerCertificate.Read(new HostPaths(_directory.Path), XendConfiguration.Parse(text, "file"))).Should().Throw<XendException>().WithMessage(message);

    private static string Configured(int port) =>
        $"(xend-tcp-xmlrpc-server yes)\n(xend-tcp-xmlrpc-server-port {port})\n(xend-tcp-xmlrpc-server-ssl-key-file /etc/xen/own.key)\n(xend-tcp-xmlrpc-server-ssl-cert-file /etc/xen/own.crt)\n";

    private static X509Certificate2 Certificate(RSA key) =>
        new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return ""; // hung up on
        }
    }
}
