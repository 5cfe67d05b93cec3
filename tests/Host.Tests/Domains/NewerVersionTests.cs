using System.Net.Sockets;
using System.Text.Json.Nodes;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Native;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

/// <summary>
/// Domains of a newer program than the daemon that finds them, as after a step back: the daemon says so and leaves them alone, and the newer one takes
/// them over when it is back.
/// </summary>
public sealed class NewerVersionTests : IAsyncLifetime
{
    private Appliance _appliance = null!;
    private int _domid;
    private int _process;

    private string Directory => _appliance.Paths.Domain((ushort)_domid);

    public async Task InitializeAsync()
    {
        _appliance = await Appliance.StartAsync();
        JsonNode info = await _appliance.CreateAsync(Appliance.Form("future", _appliance.Kernel("k", "L"u8)));
        await _appliance.PostAsync("v1/domains/future/unpause");
        await _appliance.WaitForStateAsync("future", "r-----");
        _domid = (int)info["domid"]!;
        _process = _appliance.ProcessOf(_domid);
        await _appliance.StopDaemonAsync(Libc.SignalKill);
    }

    public async Task DisposeAsync() => await _appliance.DisposeAsync();

    [Fact]
    public async Task A_newer_record()
    {
        string record = Path.Combine(Directory, DomainRecords.FileName);
        string text = await File.ReadAllTextAsync(record);
        text.Should().Contain($"\"version\": {DomainRecord.CurrentVersion}");
        string newer = text.Replace($"\"version\": {DomainRecord.CurrentVersion}", $"\"version\": {DomainRecord.CurrentVersion + 1}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(record, newer);
        await LeavesItAloneAsync($"domain {_domid} is left alone", $"was written by a newer version of xend (format {DomainRecord.CurrentVersion + 1}, this one knows {DomainRecord.CurrentVersion})");
        (await File.ReadAllTextAsync(record)).Should().Be(newer);
        await File.WriteAllTextAsync(record, text);
        await IsTakenOverAsync();
    }

    [Fact]
    public async Task A_newer_control_protocol()
    {
        string socket = Path.Combine(Directory, DomainProcessLauncher.ControlSocketName);
        File.Move(socket, $"{socket}.old");
        using (Socket newer = OwnerOnlySocket.Listen(socket, backlog: 4))
        {
            Task greeting = GreetAsync(newer);
            await LeavesItAloneAsync(
                $"domain future ({_domid}) is left alone, and runs on as process {_process}",
                $"speaks version {ControlMessage.ProtocolVersion + 1} of the control protocol",
                "it belongs to a newer one");
            await greeting;
        }

        File.Move($"{socket}.old", socket, overwrite: true);
        await IsTakenOverAsync();
    }

    private async Task LeavesItAloneAsync(params string[] told)
    {
        await _appliance.StartDaemonAsync();
        string log = await _appliance.TextAsync("v1/host/log");
        foreach (string text in told)
            log.Should().Contain(text);
        (await _appliance.StateAsync("future")).Should().BeNull("it is not this daemon's");
        LeftDomain.FindProcess(Directory).Should().Be(_process);
        _appliance.Store.Read($"/local/domain/{_domid}/name").Should().Be("future");
        ((int)(await _appliance.CreateAsync(Appliance.Form("next", _appliance.Kernel("next", "W"u8))))["domid"]!).Should().Be(_domid + 1, "its number is taken");
        await _appliance.PostAsync("v1/domains/next/destroy");
        await _appliance.StopDaemonAsync();
        LeftDomain.FindProcess(Directory).Should().Be(_process);
    }

    private async Task IsTakenOverAsync()
    {
        await _appliance.StartDaemonAsync();
        await _appliance.WaitForStateAsync("future", "r-----");
        _appliance.ProcessOf(_domid).Should().Be(_process);
    }

    /// <summary>Says to who connects what a process of a newer program would say first, with something after it that no older one knows.</summary>
    private static async Task GreetAsync(Socket listener)
    {
        using Socket connection = await listener.AcceptAsync();
        foreach (string message in (string[])
            [$$"""{"$":"hello","protocol":{{ControlMessage.ProtocolVersion + 1}},"pid":1,"more":[1]}""", """{"$":"tomorrow","a":{}}"""])
        {
            await connection.SendAsync(BitConverter.GetBytes(message.Length));
            await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes(message));
        }

        await connection.ReceiveAsync(new byte[1]); // until it is hung up
    }
}
