using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Grants;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Security;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>
/// grant_table_op(cmd, array, count) (fact sheet "Guest ABI", section 7). Each element carries its own status; the call itself answers 0 once all are
/// written. These guests grant and never map, so maps are refused element by element.
/// </summary>
internal sealed class GrantTableCalls(Domain domain) : IHypercall
{
    private readonly GrantTable _grants = domain.Grants;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        ulong at = frame.Argument2;
        uint count = (uint)frame.Argument3;
        if (count > int.MaxValue)
            return Errno.Invalid;
        switch ((uint)frame.Argument1)
        {
            case 0:
                return RefuseOthers(caller, at, count, size: 32, domainAt: 16, statusAt: 18, SecurityOperation.GrantMap, GrantStatus.BadDomain);
            case 1:
                return Refuse(caller, at, count, size: 24, statusAt: 20, GrantStatus.BadHandle);
            case 2:
                return count == 1 ? SetupTable(caller, at) : Errno.Invalid;
            case 3:
                return count == 1 ? Refuse(caller, at, count, size: 4, statusAt: 2, GrantStatus.PermissionDenied) : Errno.Invalid;
            case 4:
                // u64 or u32 frame @0, u16 dom after it, u32 reference, s16 status
                return RefuseOthers(
                    caller, at, count, size: caller.Is64Bit ? 24 : 16, domainAt: caller.Is64Bit ? 8 : 4, statusAt: caller.Is64Bit ? 16 : 12,
                    SecurityOperation.GrantTransfer, GrantStatus.GeneralError);
            case 5:
                return Copy(caller, at, count);
            case 6:
                return count == 1 ? QuerySize(caller, at) : Errno.Invalid;
            case 7:
                return Refuse(caller, at, count, size: 24, statusAt: 20, GrantStatus.BadHandle);
            case 8:
                return count == 1 ? SetVersion(caller, at) : Errno.Invalid;
            case 10:
                return count == 1 ? GetVersion(caller, at) : Errno.Invalid;
            default:
                return Errno.NotImplemented;
        }
    }

    /// <summary>Refuses what names another domain: by the security policy if that forbids it, else as something that there is not.</summary>
    private long RefuseOthers(
        GuestCaller caller, ulong at, uint count, int size, int domainAt, int statusAt, SecurityOperation operation, GrantStatus otherwise)
    {
        Span<byte> named = stackalloc byte[2];
        Span<byte> answer = stackalloc byte[2];
        for (uint index = 0; index < count; index++)
        {
            ulong element = at + ((ulong)index * (uint)size);
            if (!caller.TakeWork())
                return Errno.TooBig;
            if (!caller.TryRead(element + (uint)domainAt, named))
                return Errno.BadAddress;
            Wire.U16(answer, 0, (ushort)(domain.MayShare(operation, Wire.U16(named, 0)) ? otherwise : GrantStatus.PermissionDenied));
            if (!caller.TryWrite(element + (uint)statusAt, answer))
                return Errno.BadAddress;
        }

        return 0;
    }

    private static long Refuse(GuestCaller caller, ulong at, uint count, int size, int statusAt, GrantStatus status)
    {
        Span<byte> answer = stackalloc byte[2];
        Wire.U16(answer, 0, (ushort)status);
        for (uint index = 0; index < count; index++)
        {
            if (!caller.TakeWork())
                return Errno.TooBig;
            if (!caller.TryWrite(at + ((ulong)index * (uint)size) + (uint)statusAt, answer))
                return Errno.BadAddress;
        }

        return 0;
    }

    private static long SetVersion(GuestCaller caller, ulong at)
    {
        if (!caller.TryReadU32(at, out uint version))
            return Errno.BadAddress;
        if (!caller.TryWriteU32(at, 1))
            return Errno.BadAddress;
        return version switch
        {
            1 => 0,
            2 => Errno.NotImplemented,
            _ => Errno.Invalid,
        };
    }

    private static long GetVersion(GuestCaller caller, ulong at)
    {
        Span<byte> argument = stackalloc byte[2];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!caller.IsSelf(Wire.U16(argument, 0)))
            return Errno.NotPermitted;
        return caller.TryWriteU32(at + 4, 1) ? 0 : Errno.BadAddress;
    }

    private long SetupTable(GuestCaller caller, ulong at)
    {
        // 64-bit: u16 dom @0, u32 frames @4, s16 status @8, pointer @16; 32-bit: pointer @12
        bool is64Bit = caller.Is64Bit;
        int word = is64Bit ? 8 : 4;
        Span<byte> argument = stackalloc byte[24];
        argument = argument[..(is64Bit ? 24 : 16)];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        uint frames = Wire.U32(argument, 4);
        ulong list = Wire.Word(argument, is64Bit ? 16 : 12, is64Bit);
        GrantStatus status = !caller.IsSelf(Wire.U16(argument, 0)) ? GrantStatus.BadDomain
            : frames > GrantTable.MaximumFrames || !_grants.Grow((int)frames) ? GrantStatus.GeneralError
            : GrantStatus.Okay;
        Span<byte> entry = stackalloc byte[8];
        for (int frame = 0; status == GrantStatus.Okay && frame < frames; frame++)
        {
            // A page that the guest has not mapped with add_to_physmap lies nowhere.
            Wire.U64(entry, 0, _grants.ShownAt(frame)?.Number ?? ulong.MaxValue);
            if (!caller.TryWrite(list + (ulong)(frame * word), entry[..word]))
                return Errno.BadAddress;
        }

        return WriteStatus(caller, at + 8, status);
    }

    private long QuerySize(GuestCaller caller, ulong at)
    {
        // u16 dom @0, out: u32 frames @4, u32 maximum @8, s16 status @12
        Span<byte> argument = stackalloc byte[14];
        if (!caller.TryRead(at, argument[..2]))
            return Errno.BadAddress;
        bool isSelf = caller.IsSelf(Wire.U16(argument, 0));
        Wire.U32(argument, 4, isSelf ? (uint)_grants.Frames : 0);
        Wire.U32(argument, 8, isSelf ? (uint)GrantTable.MaximumFrames : 0);
        Wire.U16(argument, 12, (ushort)(isSelf ? GrantStatus.Okay : GrantStatus.BadDomain));
        return caller.TryWrite(at + 4, argument[4..]) ? 0 : Errno.BadAddress;
    }

    private static long WriteStatus(GuestCaller caller, ulong at, GrantStatus status)
    {
        Span<byte> answer = stackalloc byte[2];
        Wire.U16(answer, 0, (ushort)status);
        return caller.TryWrite(at, answer) ? 0 : Errno.BadAddress;
    }

    private long Copy(GuestCaller caller, ulong at, uint count)
    {
        int size = caller.Is64Bit ? GrantCopy.Size64 : GrantCopy.Size32;
        Span<byte> element = stackalloc byte[GrantCopy.Size64];
        element = element[..size];
        for (uint index = 0; index < count; index++)
        {
            if (!caller.TakeWork())
                return Errno.TooBig;
            ulong here = at + ((ulong)index * (uint)size);
            if (!caller.TryRead(here, element))
                return Errno.BadAddress;
            GrantStatus status = new GrantCopy(element, caller.Is64Bit).Perform(caller);
            if (WriteStatus(caller, here + (uint)(caller.Is64Bit ? GrantCopy.Status64 : GrantCopy.Status32), status) != 0)
                return Errno.BadAddress;
        }

        return 0;
    }
}
