using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests;

/// <summary>A security policy stands before what domains permit each other, and before nothing else.</summary>
public sealed class MediationTests : IAsyncLifetime
{
    private readonly Store _store = new();
    private readonly List<(int Subject, int Other)> _asked = [];

    public Task InitializeAsync()
    {
        _store.Server.Mediator = (subject, other) =>
        {
            _asked.Add((subject.Value, other.Value));
            return other != new DomainId(7);
        };
        _store.Host.Write("/six", "of 6");
        _store.Host.Write("/seven", "of 7");
        _store.Host.SetPermissions("/six", NodePermissions.Parse("b6"));
        _store.Host.SetPermissions("/seven", NodePermissions.Parse("b7"));
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _store.DisposeAsync().AsTask();

    [Fact]
    public async Task What_a_policy_forbids_no_permission_allows()
    {
        var guest = _store.Domain(5);
        (await guest.Ask(MessageType.Read, "/six\0")).Error.Should().BeEmpty();
        (await guest.Ask(MessageType.Read, "/seven\0")).Error.Should().Be("EACCES");
        (await guest.Ask(MessageType.Write, "/seven\0mine")).Error.Should().Be("EACCES");
        (await guest.Ask(MessageType.Write, "/seven/below\0mine")).Error.Should().Be("EACCES");
        (await guest.Ask(MessageType.Remove, "/seven\0")).Error.Should().Be("EACCES");
        _store.Host.Read("/seven").Should().Be("of 7");
        _asked.Should().Contain((5, 7)).And.NotContain(pair => pair.Subject == 0);
    }

    [Fact]
    public async Task Owners_and_domain_0_are_asked_nothing()
    {
        var owner = _store.Domain(7);
        (await owner.Ask(MessageType.Write, "/seven\0again")).Error.Should().BeEmpty();
        _store.Host.Write("/open", "of 0");
        _store.Host.SetPermissions("/open", NodePermissions.Parse("r0"));
        (await owner.Ask(MessageType.Read, "/open\0")).Error.Should().BeEmpty();
        _asked.Should().BeEmpty();
    }
}
