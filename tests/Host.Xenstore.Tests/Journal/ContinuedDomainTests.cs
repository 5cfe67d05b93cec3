using System.Net.Sockets;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests.Journal;

/// <summary>A guest whose store ends with its Host and comes back with another.</summary>
public sealed class ContinuedDomainTests : IAsyncLifetime
{
    private static readonly DomainId Guest = new(3);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hospes-xj-");
    private XenstoreServer _server = null!;
    private WireClient _guest = null!;

    public async Task InitializeAsync()
    {
        _server = Open();
        XenstoreClient host = _server.Connect();
        host.MakeDirectory("/local/domain/3");
        host.SetPermissions("/local/domain/3", Tree.NodePermissions.OwnedBy(Guest));
        _guest = Serve();
        _server.IntroduceDomain(Guest);
        await _guest.Write("data", "before");
    }

    public async Task DisposeAsync()
    {
        _guest.Dispose();
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_transaction_of_before_goes_on_and_has_to_be_done_again()
    {
        uint transaction = await _guest.Start();
        uint other = await _guest.Start();
        await _guest.Write("data", "half", transaction);
        await ReplaceAsync();

        (await _guest.Read("data", transaction)).Should().Be("before", "its own change is lost, as its end will say");
        await _guest.Write("data", "again half", transaction);
        await _guest.Fail("EAGAIN", MessageType.TransactionEnd, "T\0", transaction);
        (await _guest.Read("data")).Should().Be("before");
        await _guest.Succeed(MessageType.TransactionEnd, "F\0", other);

        uint anew = await _guest.Start();
        anew.Should().NotBe(transaction).And.NotBe(other);
        await _guest.Write("data", "whole", anew);
        await _guest.Commit(anew);
        (await _guest.Read("data")).Should().Be("whole");
        await _guest.Fail("ENOENT", MessageType.Read, "data\0", anew);
        await ReplaceAsync();
        (await _guest.Read("data")).Should().Be("whole");
    }

    [Fact]
    public async Task Transactions_that_never_were_are_bounded()
    {
        await ReplaceAsync();
        for (uint invented = 1; invented <= 10; invented++)
            (await _guest.Read("data", invented)).Should().Be("before");
        await _guest.Fail("ENOENT", MessageType.Read, "data\0", 11);
        await _guest.Fail("ENOSPC", MessageType.TransactionStart, "\0");
        for (uint invented = 1; invented <= 10; invented++)
            await _guest.Fail("EAGAIN", MessageType.TransactionEnd, "T\0", invented);
        await _guest.Commit(await _guest.Start());
    }

    [Fact]
    public async Task A_guest_that_this_Host_has_made_has_no_such_transactions()
    {
        await ReplaceAsync();
        (Socket ours, Socket theirs) = SocketPair.Create();
        using WireClient other = new(ours);
        _ = _server.ServeDomain(new DomainId(4), theirs);
        await other.Fail("ENOENT", MessageType.TransactionEnd, "T\0", 1);
    }

    [Fact]
    public async Task It_is_introduced_still_and_may_shut_down_once()
    {
        await ReplaceAsync();
        _server.IsIntroduced(Guest).Should().BeTrue();
        _server.IsIntroduced(new DomainId(4)).Should().BeFalse();
        (await _guest.Ask(MessageType.IsDomainIntroduced, "3\0")).Text.Should().Be("T\0");
        _server.ReleaseDomain(Guest);
        _server.IsIntroduced(Guest).Should().BeFalse();
    }

    private XenstoreServer Open() => new(journal: Path.Combine(_directory.FullName, "store"));

    private async Task ReplaceAsync()
    {
        _guest.Dispose();
        await _server.DisposeAsync();
        _server = Open();
        _server.ContinueDomain(Guest, isShutDown: false);
        _guest = Serve();
    }

    private WireClient Serve()
    {
        (Socket ours, Socket theirs) = SocketPair.Create();
        _ = _server.ServeDomain(Guest, theirs);
        return new WireClient(ours);
    }
}
