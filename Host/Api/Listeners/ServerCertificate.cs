using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hospes.Host.Startup.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Hospes.Host.Api.Listeners;

/// <summary>
/// Key and certificate of the XML-RPC interface on TCP (fact sheet "xend", section 2: both make it HTTPS). Read at the start: what is wrong with them
/// shows then.
/// </summary>
internal sealed class ServerCertificate
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _issuers;

    private ServerCertificate(X509Certificate2 own, X509Certificate2Collection issuers) => (_own, _issuers) = (own, issuers);

    /// <summary>Reads what the configuration names; null when it names neither.</summary>
    /// <exception cref="XendException">Only one is named, or they cannot be read, or do not belong together.</exception>
    public static ServerCertificate? Read(HostPaths paths, XendConfiguration configuration)
    {
        string key = configuration.Text(XendParameters.TcpXmlRpcKey);
        string certificate = configuration.Text(XendParameters.TcpXmlRpcCertificate);
        switch (key.Length > 0, certificate.Length > 0)
        {
            case (false, false):
                return null;
            case (true, false):
                throw XendException.Generic($"invalid xend config {XendParameters.TcpXmlRpcKey.Name}: a key needs its {XendParameters.TcpXmlRpcCertificate.Name}");
            case (false, true):
                throw XendException.Generic($"invalid xend config {XendParameters.TcpXmlRpcCertificate.Name}: a certificate needs its {XendParameters.TcpXmlRpcKey.Name}");
        }

        (key, certificate) = (paths.Below(key), paths.Below(certificate));
        try
        {
            X509Certificate2Collection all = [];
            all.ImportFromPemFile(certificate);
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificate, key);
            return new ServerCertificate(own, [.. all.Where(one => !one.Equals(own))]);
        }
        catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw XendException.Generic($"The XML-RPC interface cannot be encrypted with the key {key} and the certificate {certificate}: {wrong.Message}", wrong);
        }
    }

    /// <summary>Has what listens speak TLS.</summary>
    public void Encrypt(ListenOptions listen) => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = _own, ServerCertificateChain = _issuers });
}
