using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator.Decode;

/// <summary>
/// One CPU's blocks: by physical address and mode in a hash table, by frame for dropping them, and a direct-mapped jump cache from linear addresses
/// for the fast way. Each CPU has its own, so that no lock is needed; the set of frames with code is the machine's.
/// </summary>
internal sealed unsafe class BlockCache : IDisposable
{
    private const int JumpEntries = 4096;
    private const int Buckets = 1 << 15;
    private const int RecentBlocks = 1 << 13;
    private const int FetchEntries = 256;

    /// <summary>Where everything is interpreted: as much as a kernel and its programs use.</summary>
    internal const long ArenaBytes = 14L << 20;

    /// <summary>Where only cold code is interpreted. Every CPU has an arena; decoding once more what comes back after it was emptied costs less than its memory.</summary>
    internal const long ColdArenaBytes = 4L << 20;

    private readonly TranslatorCpu _cpu;
    private readonly BlockArena _arena;
    private readonly BlockDecoder _decoder;
    private readonly JumpEntry* _jumps;
    private readonly Block** _buckets;

    // The last block found at each of many physical addresses, in front of the hash chains; and the last translations of fetches.
    private readonly RecentBlock* _recent;
    private readonly FetchTranslation* _fetches;
    private readonly Dictionary<ulong, List<nint>> _frames = [];

    internal BlockCache(TranslatorCpu cpu, long arenaBytes)
    {
        _cpu = cpu;
        _arena = new BlockArena(arenaBytes);
        _decoder = new BlockDecoder(_arena);
        _jumps = (JumpEntry*)NativeMemory.AllocZeroed(JumpEntries, (nuint)sizeof(JumpEntry));
        _buckets = (Block**)NativeMemory.AllocZeroed(Buckets, (nuint)sizeof(Block*));
        _recent = (RecentBlock*)NativeMemory.AllocZeroed(RecentBlocks, (nuint)sizeof(RecentBlock));
        _fetches = (FetchTranslation*)NativeMemory.AllocZeroed(FetchEntries, (nuint)sizeof(FetchTranslation));
    }

    /// <summary>Blocks decoded since creation.</summary>
    internal ulong Decoded { get; private set; }

    /// <summary>Times the whole cache was emptied.</summary>
    internal ulong Flushes { get; private set; }

    /// <summary>The block at the current instruction pointer; null: the fetch faulted, the fault is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Block* Find()
    {
        CpuContext* c = _cpu.C;
        ulong linear = c->Rip + c->CodeBase;
        ulong key = Key(c, linear);
        JumpEntry* entry = _jumps + ((linear ^ (linear >> 12)) & (JumpEntries - 1));
        if (entry->Linear == linear && entry->Key == key && entry->Block->Live)
            return entry->Block;
        return FindSlow(entry, linear);
    }

    /// <summary>The first instruction of a block, decoded again. False: its memory has just been taken away, a request to forget it is on its way.</summary>
    internal bool TryRedecode(Block* block, out Instruction instruction)
    {
        bool isThere = TryFindMemory(block, out byte* first, out byte* second);
        instruction = isThere ? _decoder.DecodeOne(first, Available(block), second, block->Mode) : default;
        return isThere;
    }

    /// <summary>Decodes a block that had no operations because there is emitted code for it. False: as for <see cref="TryRedecode"/>.</summary>
    internal bool TryComplete(Block* block)
    {
        if (!TryFindMemory(block, out byte* first, out byte* second))
            return false;
        Decoded++;
        _decoder.Decode(block, first, Available(block), second);
        return true;
    }

    private static int Available(Block* block) => 4096 - (int)(block->Physical & 0xfff);

    private bool TryFindMemory(Block* block, out byte* first, out byte* second)
    {
        IGuestMemory memory = _cpu.Machine.Memory;
        byte* page = memory.FindFrame(new GuestFrame(block->Physical >> 12));
        bool crosses = block->SecondFrame != ulong.MaxValue;
        first = page + (block->Physical & 0xfff);
        second = crosses ? memory.FindFrame(new GuestFrame(block->SecondFrame)) : null;
        return page != null && (!crosses || second != null);
    }

    /// <summary>Decodes the instruction at a place of a guest frame, its addresses relative to the frame. False: there is no such memory any more.</summary>
    internal bool TryDecode(ulong frame, int offset, out Instruction instruction)
    {
        byte* page = _cpu.Machine.Memory.FindFrame(new GuestFrame(frame));
        instruction = page == null ? default : _decoder.DecodeOne(page + offset, 4096 - offset, null, CpuMode.Code64, offset);
        return page != null;
    }

    /// <summary>Drops the blocks that touch a guest frame.</summary>
    internal void Drop(ulong frame)
    {
        if (!_frames.Remove(frame, out List<nint>? blocks))
            return;
        foreach (nint address in blocks)
        {
            var block = (Block*)address;
            block->Live = false;
            Block** link = Bucket(block->Physical, block->Mode);
            while (*link != null && *link != block)
                link = &(*link)->NextInChain;
            if (*link == block)
                *link = block->NextInChain;
        }
    }

    /// <summary>Empties the cache when its memory is used up. Between blocks only.</summary>
    internal void MakeRoom()
    {
        if (_arena.IsFull)
            Empty();
    }

    /// <summary>Forgets every block. Between blocks only.</summary>
    internal void Empty()
    {
        Flushes++;
        NativeMemory.Clear(_jumps, (nuint)(JumpEntries * sizeof(JumpEntry)));
        NativeMemory.Clear(_buckets, (nuint)(Buckets * sizeof(Block*)));
        NativeMemory.Clear(_recent, (nuint)(RecentBlocks * sizeof(RecentBlock)));
        _frames.Clear();
        _arena.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        NativeMemory.Free(_jumps);
        NativeMemory.Free(_buckets);
        NativeMemory.Free(_recent);
        NativeMemory.Free(_fetches);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Key(CpuContext* c, ulong linear)
        => (_cpu.Memory.CodeEpochs[linear >> 63] << 8) | ((uint)c->Mode << 2) | (uint)c->Cpl;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Block* FindSlow(JumpEntry* entry, ulong key)
    {
        CpuContext* c = _cpu.C;
        MakeRoom();
        bool is64 = c->Mode == CpuMode.Code64;
        if (is64 ? !Operands.IsCanonical(c->Rip) : c->Rip > c->Cs.Limit)
        {
            _cpu.GeneralProtection();
            return null;
        }

        ulong linear = is64 ? key : (uint)key;
        if (!Fetch(linear, out byte* host, out ulong physical))
            return null;
        if (host == null)
        {
            // Code in device space: nothing that a guest of ours does.
            _cpu.GeneralProtection();
            return null;
        }

        RecentBlock* recent = _recent + ((physical ^ (physical >> 12)) & (RecentBlocks - 1));
        Block* block = recent->Physical == physical ? recent->Block : null;
        if (block == null || block->Mode != c->Mode || !block->Live)
        {
            block = *Bucket(physical, c->Mode);
            while (block != null && (block->Physical != physical || block->Mode != c->Mode))
                block = block->NextInChain;
            if (block != null)
                *recent = new RecentBlock { Physical = physical, Block = block };
        }

        ulong inPage = physical & 0xfff;
        bool crosses = block != null && block->SecondFrame != ulong.MaxValue;
        if (block == null || crosses)
        {
            ulong secondPhysical = ulong.MaxValue;
            byte* secondHost = null;
            if (crosses || _decoder.CrossesPage(host, (int)(4096 - inPage), c->Mode))
            {
                if (!_cpu.Memory.Fetch((linear & ~0xfffUL) + 4096, out secondHost, out secondPhysical))
                    return null;
                if (crosses && block->SecondFrame == secondPhysical >> 12)
                    return block;
            }

            // Only then is it looked where the code is: the memory behind a frame may have changed while its rights were taken. A write noted meanwhile
            // has taken the frame out again; what would be decoded now would be dropped before its second execution.
            do
            {
                Protect(physical >> 12);
                if (secondHost != null)
                    Protect(secondPhysical >> 12);
            }
            while (!_cpu.Machine.CodePages.Contains(physical >> 12)
                || (secondHost != null && !_cpu.Machine.CodePages.Contains(secondPhysical >> 12)));
            host = _cpu.Machine.Memory.FindFrame(new GuestFrame(physical >> 12));
            byte* second = secondHost == null ? null : _cpu.Machine.Memory.FindFrame(new GuestFrame(secondPhysical >> 12));
            if (host == null || (secondHost != null && second == null))
            {
                _cpu.GeneralProtection();
                return null;
            }

            block = _decoder.Create(c->Mode, physical, second == null ? ulong.MaxValue : secondPhysical >> 12);
            if (!_cpu.TryFindCode(block))
            {
                Decoded++;
                _decoder.Decode(block, host + inPage, (int)(4096 - inPage), second);
            }

            Block** bucket = Bucket(physical, c->Mode);
            block->NextInChain = *bucket;
            *bucket = block;
            Enlist(block, physical >> 12);
            if (second != null)
                Enlist(block, secondPhysical >> 12);
        }

        // Both pages of a block over two were fetched: if either comes to be mapped elsewhere, the key changes.
        *entry = new JumpEntry { Linear = key, Key = Key(c, key), Block = block };
        return block;
    }

    // As the memory's, for pages whose mapping cannot have changed since they were translated last.
    private bool Fetch(ulong linear, out byte* host, out ulong physical)
    {
        FetchTranslation* known = _fetches + ((linear >> 12) & (FetchEntries - 1));
        ulong key = Key(_cpu.C, linear);
        if (known->Linear == (linear & ~0xfffUL) && known->Key == key && known->Host != null)
        {
            host = known->Host + (linear & 0xfff);
            physical = known->Physical | (linear & 0xfff);
            return true;
        }

        if (!_cpu.Memory.Fetch(linear, out host, out physical))
            return false;
        if (host != null)
            *known = new FetchTranslation { Linear = linear & ~0xfffUL, Key = key, Physical = physical & ~0xfffUL, Host = host - (linear & 0xfff) };
        return true;
    }

    private struct RecentBlock
    {
        internal ulong Physical;
        internal Block* Block;
    }

    private struct FetchTranslation
    {
        internal ulong Linear;
        internal ulong Key;
        internal ulong Physical;
        internal byte* Host;
    }

    private Block** Bucket(ulong physical, CpuMode mode)
        => _buckets + ((physical ^ (physical >> 13) ^ ((ulong)mode << 7)) & (Buckets - 1));

    private void Enlist(Block* block, ulong frame)
    {
        if (!_frames.TryGetValue(frame, out List<nint>? blocks))
            _frames[frame] = blocks = [];
        blocks.Add((nint)block);
    }

    /// <summary>Notes that a frame has code now, before its bytes are read. May wait for other CPUs.</summary>
    internal void Protect(ulong frame) => _cpu.Machine.ProtectFrame(frame, _cpu);
}
