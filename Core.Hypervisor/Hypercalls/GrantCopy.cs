using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Grants;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Security;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>
/// One GNTTABOP_copy (fact sheet "Guest ABI", section 7): bytes from one page to another, each named by a frame of the caller's own or by a grant that
/// names the caller. 64-bit: source {word @0, u16 domid @8, u16 offset @10}, destination the same @16, u16 length @32, u16 flags @34, s16 status @36.
/// 32-bit: source @0 with domid @4 and offset @6, destination @8, length @16, flags @18, status @20.
/// </summary>
internal readonly struct GrantCopy
{
    internal const int Size64 = 40;
    internal const int Size32 = 24;
    internal const int Status64 = 36;
    internal const int Status32 = 20;

    private const int SourceIsReference = 1;
    private const int DestinationIsReference = 2;

    private readonly Side _source;
    private readonly Side _destination;
    private readonly ushort _length;

    internal GrantCopy(ReadOnlySpan<byte> element, bool is64Bit)
    {
        int side = is64Bit ? 16 : 8;
        int flags = Wire.U16(element, (2 * side) + 2);
        _length = Wire.U16(element, 2 * side);
        _source = new Side(element, is64Bit, (flags & SourceIsReference) != 0);
        _destination = new Side(element[side..], is64Bit, (flags & DestinationIsReference) != 0);
    }

    /// <summary>Copies.</summary>
    internal GrantStatus Perform(GuestCaller caller)
    {
        if (_source.Offset + _length > GuestMemory.FrameSize || _destination.Offset + _length > GuestMemory.FrameSize)
            return GrantStatus.BadCopyArgument;
        Domain domain = caller.Domain;
        GrantStatus status = _source.Open(caller, write: false, out GrantPage source);
        if (status != GrantStatus.Okay)
            return status;
        status = _destination.Open(caller, write: true, out GrantPage destination);
        if (status == GrantStatus.Okay)
        {
            source.Bytes.Slice(_source.Offset, _length).CopyTo(destination.Bytes[_destination.Offset..]);
            domain.Machine.ContentWritten(new GuestPhysical(destination.Frame.Start.Address + _destination.Offset), _length);
            _destination.Close(domain, write: true);
        }

        _source.Close(domain, write: false);
        return status;
    }

    private readonly struct Side(ReadOnlySpan<byte> fields, bool is64Bit, bool isReference)
    {
        private readonly ulong _name = isReference ? Wire.U32(fields, 0) : Wire.Word(fields, 0, is64Bit);
        private readonly ushort _domain = Wire.U16(fields, is64Bit ? 8 : 4);
        private readonly bool _isReference = isReference;

        internal ushort Offset { get; } = Wire.U16(fields, is64Bit ? 10 : 6);

        internal unsafe GrantStatus Open(GuestCaller caller, bool write, out GrantPage page)
        {
            page = default;
            if (!caller.IsSelf(_domain))
                return caller.Domain.MayShare(SecurityOperation.GrantCopy, _domain) ? GrantStatus.BadDomain : GrantStatus.PermissionDenied;
            if (_isReference)
                return caller.Domain.Grants.Map((uint)_name, write, caller.Domain.Id.Value, out page);
            GuestFrame frame = new(_name);
            byte* address = caller.Domain.Memory.FindFrame(frame);
            page = new GrantPage((nint)address, frame);
            return address == null ? GrantStatus.BadPage : GrantStatus.Okay;
        }

        internal void Close(Domain domain, bool write)
        {
            if (_isReference)
                domain.Grants.Unmap(new GrantReference((uint)_name), write);
        }
    }
}
