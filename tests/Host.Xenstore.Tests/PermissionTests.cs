using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Tests;

public sealed class PermissionTests : IAsyncLifetime
{
    private readonly Store _store = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    // Every form of permissions against every way to touch a node, as domain 5. The node is /n, with a child /n/c that has the same permissions.
    [Theory]
    [InlineData("n0", "")]
    [InlineData("r0", "r")]
    [InlineData("w0", "w")]
    [InlineData("b0", "rw")]
    [InlineData("n0,n5", "")]
    [InlineData("n0,r5", "r")]
    [InlineData("n0,w5", "w")]
    [InlineData("n0,b5", "rw")]
    [InlineData("b0,n5", "")]
    [InlineData("b0,r5", "r")]
    [InlineData("r0,w5", "w")]
    [InlineData("n0,r6", "")]
    [InlineData("r0,n6", "r")]
    [InlineData("n0,r6,w5", "w")]
    [InlineData("n0,r5,b5", "r")]
    [InlineData("n5", "rwo")]
    [InlineData("n5,n5", "rwo")]
    [InlineData("n6", "")]
    [InlineData("b6", "rw")]
    public async Task Rights_follow_the_entries(string permissions, string rights)
    {
        _store.Host.Write("/n/c", "value");
        _store.Host.SetPermissions("/n", NodePermissions.Parse(permissions));
        _store.Host.SetPermissions("/n/c", NodePermissions.Parse(permissions));
        var guest = _store.Domain(5);

        async Task Expect(char right, string missing, MessageType type, string payload, string otherwise = "") =>
            (await guest.Ask(type, payload)).Error.Should().Be(rights.Contains(right) ? otherwise : missing, $"of {type} {payload}");

        await Expect('r', "EACCES", MessageType.Read, "/n\0");
        await Expect('r', "EACCES", MessageType.Directory, "/n\0");
        await Expect('r', "EACCES", MessageType.DirectoryPart, "/n\00\0");
        await Expect('r', "EACCES", MessageType.GetPermissions, "/n\0");
        await Expect('r', "EACCES", MessageType.Read, "/n/none/deeper\0", otherwise: "ENOENT");
        await Expect('w', "EACCES", MessageType.Write, "/n\0v");
        await Expect('w', "EACCES", MessageType.Write, "/n/new/deeper\0v");
        await Expect('w', "EACCES", MessageType.MakeDirectory, "/n/made\0");
        await Expect('w', "EACCES", MessageType.MakeDirectory, "/n\0");
        await Expect('w', "EACCES", MessageType.Remove, "/n/none\0");
        await Expect('o', "EACCES", MessageType.SetPermissions, $"/n/c\0{permissions.Replace(',', '\0')}\0");
        await Expect('w', "EACCES", MessageType.Remove, "/n/c\0");
    }

    [Fact]
    public async Task A_refused_request_changes_nothing()
    {
        _store.Host.Write("/secret", "before");
        var guest = _store.Domain(5);
        await guest.Fail("EACCES", MessageType.Write, "/secret\0after");
        await guest.Fail("EACCES", MessageType.Remove, "/secret\0");
        _store.Host.Read("/secret").Should().Be("before");
    }

    [Fact]
    public async Task Whether_an_unreadable_node_exists_is_not_told()
    {
        _store.Host.Write("/local/domain/6/there", "");
        var guest = _store.Domain(5);
        await guest.Fail("EACCES", MessageType.Read, "/local/domain/6/there\0");
        await guest.Fail("EACCES", MessageType.Read, "/local/domain/6/not-there\0");
        await guest.Fail("EACCES", MessageType.Read, "/local/domain/9/x\0");
    }

    [Fact]
    public async Task A_guests_new_node_is_its_own_and_inherits_the_rest()
    {
        _store.Host.MakeDirectory("/shared");
        _store.Host.SetPermissions("/shared", NodePermissions.Parse("n0,b5,r6"));
        var guest = _store.Domain(5);
        await guest.Write("/shared/a/b", "v");
        (await guest.Ask(MessageType.GetPermissions, "/shared/a\0")).Texts.Should().Equal("n5", "b5", "r6");
        (await guest.Ask(MessageType.GetPermissions, "/shared/a/b\0")).Texts.Should().Equal("n5", "b5", "r6");
        (await _store.Domain(6).Read("/shared/a/b")).Should().Be("v");
        _store.Host.Write("/shared/host", "");
        _store.Host.GetPermissions("/shared/host")!.ToString().Should().Be("n0,b5,r6");
    }

    [Fact]
    public async Task Only_the_owner_sets_permissions_and_cannot_give_the_node_away()
    {
        var guest = _store.Domain(5);
        await guest.Write("data", "v");
        await guest.Succeed(MessageType.SetPermissions, "data\0r5\0b6\0");
        (await guest.Ask(MessageType.GetPermissions, "data\0")).Texts.Should().Equal("r5", "b6");
        await guest.Fail("EPERM", MessageType.SetPermissions, "data\0r6\0");
        await _store.Domain(6).Fail("EACCES", MessageType.SetPermissions, "/local/domain/5/data\0n6\0");
        await _store.Socket().Succeed(MessageType.SetPermissions, "/local/domain/5/data\0n6\0");
        await guest.Fail("EACCES", MessageType.Read, "data\0");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x5\0")]
    [InlineData("r\0")]
    [InlineData("r-1\0")]
    [InlineData("r65536\0")]
    [InlineData("r5")]
    [InlineData("r5\0\0")]
    [InlineData("r5 \0")]
    [InlineData("R5\0")]
    [InlineData("r5\0bad\0")]
    public async Task Malformed_permissions_are_EINVAL(string entries)
    {
        var guest = _store.Domain(5);
        await guest.Write("data", "v");
        await guest.Fail("EINVAL", MessageType.SetPermissions, "data\0" + entries);
        (await guest.Ask(MessageType.GetPermissions, "data\0")).Texts.Should().Equal("n5");
    }

    [Fact]
    public async Task A_device_models_domain_may_do_what_its_target_may()
    {
        var model = _store.Domain(8);
        var target = _store.Domain(5);
        await target.Write("own", "v");
        _store.Host.Write("/granted", "g");
        _store.Host.SetPermissions("/granted", NodePermissions.Parse("n0,r5"));
        _store.Host.Write("/both", "g");
        _store.Host.SetPermissions("/both", NodePermissions.Parse("n0,r5,w8"));
        await model.Fail("EACCES", MessageType.Read, "/local/domain/5/own\0");

        _store.Server.IntroduceDomain(new(8));
        _store.Server.IntroduceDomain(new(5));
        await _store.Socket().Succeed(MessageType.SetTarget, "8\05\0");
        await model.Write("/local/domain/5/own", "changed");
        (await model.Read("/granted")).Should().Be("g");
        await model.Fail("EACCES", MessageType.Write, "/granted\0x");
        await model.Write("/both", "x");
        (await model.Read("/both")).Should().Be("x");
        await target.Fail("EACCES", MessageType.Write, "/both\0y");
    }
}
