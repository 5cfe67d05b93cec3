using System.Buffers.Binary;
using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Sdk;
using Hospes.Sdk.Security;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

/// <summary>A guest that reaches for another domain meets the security policy first, at each way there is.</summary>
public sealed class MediationTests : IDisposable
{
    private const ushort Friend = 20;
    private const ushort Stranger = 21;
    private const uint Self = 0x7ff0;
    private const int AccessDenied = -13;
    private const short PermissionDenied = -8;
    private const short BadDomain = -2;

    private readonly Recorder _mediator = new();
    private readonly Rig _rig;

    public MediationTests() => _rig = new Rig(mediator: _mediator);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Event_channels_to_strangers_are_denied()
    {
        _rig.Event(6u, [Self | ((uint)Stranger << 16), 0u]).Should().Be(AccessDenied, "alloc-unbound");
        _rig.Event(0u, [Stranger, 5u]).Should().Be(AccessDenied, "bind-interdomain");
        _rig.Event(6u, [Self | ((uint)Friend << 16), 0u]).Should().Be(0);
        _rig.Event(0u, [Friend, 5u]).Should().Be(-3, "permitted, and yet there is nobody to bind to");
        _mediator.Asked.Should().Contain([(SecurityOperation.EventChannelOffer, Stranger), (SecurityOperation.EventChannelBind, Stranger), (SecurityOperation.EventChannelOffer, Friend)]);
    }

    [Theory]
    [InlineData(0u, 32, 16, 18, SecurityOperation.GrantMap, BadDomain)]
    [InlineData(4u, 24, 8, 16, SecurityOperation.GrantTransfer, -1)]
    public void Grants_of_strangers_are_denied(uint command, int size, int domainAt, int statusAt, SecurityOperation operation, short otherwise)
    {
        byte[] elements = new byte[size * 2];
        BinaryPrimitives.WriteUInt16LittleEndian(elements.AsSpan(domainAt), Stranger);
        BinaryPrimitives.WriteUInt16LittleEndian(elements.AsSpan(size + domainAt), Friend);
        Grant(command, elements, 2);
        BinaryPrimitives.ReadInt16LittleEndian(elements.AsSpan(statusAt)).Should().Be(PermissionDenied);
        BinaryPrimitives.ReadInt16LittleEndian(elements.AsSpan(size + statusAt)).Should().Be(otherwise);
        _mediator.Asked.Should().Equal((operation, Stranger), (operation, Friend));
    }

    [Fact]
    public void Copies_from_strangers_are_denied()
    {
        byte[] element = new byte[40];
        BinaryPrimitives.WriteUInt16LittleEndian(element.AsSpan(8), Stranger); // source, by frame
        BinaryPrimitives.WriteUInt16LittleEndian(element.AsSpan(24), (ushort)Self);
        BinaryPrimitives.WriteUInt16LittleEndian(element.AsSpan(32), 16);
        Grant(5, element, 1);
        BinaryPrimitives.ReadInt16LittleEndian(element.AsSpan(36)).Should().Be(PermissionDenied);
        _mediator.Asked.Should().Contain((SecurityOperation.GrantCopy, Stranger));
    }

    [Fact]
    public void Itself_and_domain_0_are_no_others()
    {
        _rig.Event(6u, [Self, 0u]).Should().Be(0);
        _rig.Event(6u, [Self | (Self << 16), 0u]).Should().Be(0);
        _mediator.Asked.Should().BeEmpty();
    }

    private void Grant(uint command, byte[] elements, uint count)
    {
        _rig.Put(Rig.Scratch, elements);
        _rig.Call(20, command, Rig.Scratch, count).Should().Be(0);
        _rig.GetBytes(Rig.Scratch, elements.Length).CopyTo(elements, 0);
    }

    private sealed class Recorder : IDomainMediator
    {
        public List<(SecurityOperation Operation, ushort Other)> Asked { get; } = [];

        public bool MayShare(SecurityOperation operation, DomainId other)
        {
            Asked.Add((operation, other.Value));
            return other.Value == Friend;
        }
    }
}
