using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Hypercalls;

/// <summary>memory_op(cmd, argument) (fact sheet "Guest ABI", section 4), for guests whose frames the hypervisor translates.</summary>
internal sealed class MemoryCalls(Domain domain) : IHypercall
{
    private const int MapEntrySize = 20;
    private const int LargestOrder = 9;

    // Giving a frame back to the host is a system call.
    private const int FrameWork = 4;

    private readonly Lock _sharedInfoLock = new();
    private GuestFrame? _sharedInfoAt;

    public long Call(GuestCaller caller, in HypercallFrame frame)
    {
        ulong at = frame.Argument2;
        return (uint)frame.Argument1 switch
        {
            1 => Reservation(caller, at, populate: false),
            3 => CountFrames(caller, at, domain.Memory.RamFrames),
            4 => CountFrames(caller, at, domain.Memory.MaximumFrames),
            6 => Reservation(caller, at, populate: true),
            7 => AddToPhysmap(caller, at),
            9 => MemoryMap(caller, at),
            15 => RemoveFromPhysmap(caller, at),
            _ => Errno.NotImplemented,
        };
    }

    private static long CountFrames(GuestCaller caller, ulong at, int frames)
    {
        Span<byte> argument = stackalloc byte[2];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        return caller.IsSelf(Wire.U16(argument, 0)) ? frames : Errno.NotPermitted;
    }

    /// <summary>populate_physmap and decrease_reservation. Answers how many extents were done: fewer than asked when one fails or the work is too much.</summary>
    private long Reservation(GuestCaller caller, ulong at, bool populate)
    {
        // 64-bit: pointer @0, u64 count @8, u32 order @16, u32 flags @20, u16 domid @24; 32-bit: @0, @4, @8, @12, @16
        bool is64Bit = caller.Is64Bit;
        int word = is64Bit ? 8 : 4;
        Span<byte> argument = stackalloc byte[32];
        argument = argument[..(is64Bit ? 32 : 20)];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!caller.IsSelf(Wire.U16(argument, (2 * word) + 8)))
            return Errno.NotPermitted;
        ulong extents = Wire.Word(argument, 0, is64Bit);
        ulong count = Wire.Word(argument, word, is64Bit);
        uint order = Wire.U32(argument, 2 * word);
        if (order > LargestOrder)
            return Errno.NotPermitted;

        Span<byte> extent = stackalloc byte[8];
        extent = extent[..word];
        long done = 0;
        for (; (ulong)done < count; done++)
        {
            if (!caller.TryRead(extents + ((ulong)done * (uint)word), extent))
                return done == 0 ? Errno.BadAddress : done;
            GuestFrame first = new(Wire.Word(extent, 0, is64Bit));
            ulong frames = 1ul << (int)order;
            if (!caller.TakeWork(FrameWork << (int)order) || !(populate ? Populate(first, frames) : Remove(first, frames)))
                return done;
        }

        return done;
    }

    private bool Populate(GuestFrame first, ulong frames)
    {
        for (ulong index = 0; index < frames; index++)
        {
            if (domain.Memory.Populate(new GuestFrame(first.Number + index)))
                continue;

            // An extent is done whole or not at all.
            Remove(first, index);
            return false;
        }

        return true;
    }

    /// <summary>What is given back cannot be had again, so an extent with a hole in it is given back up to the hole.</summary>
    private bool Remove(GuestFrame first, ulong frames)
    {
        for (ulong index = 0; index < frames; index++)
        {
            if (!domain.Memory.Remove(new GuestFrame(first.Number + index)))
                return false;
        }

        return true;
    }

    private long AddToPhysmap(GuestCaller caller, ulong at)
    {
        // 64-bit: u16 domid @0, u32 space @4, u64 idx @8, u64 gpfn @16; 32-bit: idx @8, gpfn @12
        const uint SpaceSharedInfo = 0;
        const uint SpaceGrantTable = 1;
        const uint SpaceForeign = 4;
        bool is64Bit = caller.Is64Bit;
        Span<byte> argument = stackalloc byte[24];
        argument = argument[..(is64Bit ? 24 : 16)];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!caller.IsSelf(Wire.U16(argument, 0)))
            return Errno.NotPermitted;
        ulong index = Wire.Word(argument, 8, is64Bit);
        GuestFrame target = new(Wire.Word(argument, is64Bit ? 16 : 12, is64Bit));
        switch (Wire.U32(argument, 4))
        {
            case SpaceSharedInfo:
                return index == 0 ? ShowSharedInfo(caller, target) : Errno.Invalid;
            case SpaceGrantTable:
                // Bit 31 asks for a status frame, which only version 2 has; it lies far above any table's length.
                if (index >= Grants.GrantTable.MaximumFrames || !domain.Grants.Grow((int)index + 1))
                    return Errno.Invalid;
                return domain.Grants.ShowAt((int)index, target) ? 0 : Errno.Invalid;
            case SpaceForeign:
                return Errno.NotPermitted;
            default:
                return Errno.NotImplemented;
        }
    }

    private unsafe long ShowSharedInfo(GuestCaller caller, GuestFrame target)
    {
        lock (_sharedInfoLock)
        {
            HostFrame page = domain.SharedInfo.Frame;
            if (!domain.Memory.Map(target, page))
                return Errno.Invalid;
            if (_sharedInfoAt is { } old && old != target && domain.Memory.FindFrame(old) == domain.Memory.AddressOf(page))
                domain.Memory.Remove(old);
            _sharedInfoAt = target;
        }

        domain.SetWidth(!caller.Is64Bit);
        return 0;
    }

    private long MemoryMap(GuestCaller caller, ulong at)
    {
        // u32 count @0 (in: room, out: entries), pointer @8 (32-bit: @4) to entries of 20 bytes: u64 address, u64 size, u32 type
        bool is64Bit = caller.Is64Bit;
        Span<byte> argument = stackalloc byte[16];
        argument = argument[..(is64Bit ? 16 : 8)];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        uint room = Wire.U32(argument, 0);
        ulong buffer = Wire.Word(argument, is64Bit ? 8 : 4, is64Bit);
        IReadOnlyList<MemoryMapEntry> map = domain.MemoryMap;
        int count = (int)Math.Min(room, (uint)map.Count);
        Span<byte> entry = stackalloc byte[MapEntrySize];
        for (int index = 0; index < count; index++)
        {
            Wire.U64(entry, 0, map[index].Start.Address);
            Wire.U64(entry, 8, map[index].Size);
            Wire.U32(entry, 16, (uint)map[index].Type);
            if (!caller.TryWrite(buffer + (ulong)(index * MapEntrySize), entry))
                return Errno.BadAddress;
        }

        return caller.TryWriteU32(at, (uint)count) ? 0 : Errno.BadAddress;
    }

    private long RemoveFromPhysmap(GuestCaller caller, ulong at)
    {
        bool is64Bit = caller.Is64Bit;
        Span<byte> argument = stackalloc byte[16];
        argument = argument[..(is64Bit ? 16 : 8)];
        if (!caller.TryRead(at, argument))
            return Errno.BadAddress;
        if (!caller.IsSelf(Wire.U16(argument, 0)))
            return Errno.NotPermitted;
        return domain.Memory.Remove(new GuestFrame(Wire.Word(argument, is64Bit ? 8 : 4, is64Bit))) ? 0 : Errno.Invalid;
    }
}
