using System.Runtime.InteropServices;
using Hospes.Engines.Translator.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// A machine's emitted code: bump-allocated, found by physical address and privilege, dropped by frame, emptied as a whole when full. Code belongs to no
/// CPU (it finds everything through its context), so all CPUs share it; making it takes a lock, running it none.
/// </summary>
internal sealed unsafe class NativeCode : IDisposable
{
    internal const int DefaultBytes = 64 << 20;

    /// <summary>Instead of code: the guest has just written to the frame.</summary>
    internal const nint Later = -1;

    /// <summary>The number of the exit of all jumps whose target is not in the jump cache.</summary>
    internal const int IndirectExit = 0;

    private const int RecordsPerChunk = 4096;
    private const int InstructionsPerChunk = RecordsPerChunk; // no more instructions than records
    private const int MaximumChunks = 4096;

    // No block needs more.
    private const int ChunksInReserve = 1;

    private readonly Lock _lock = new();
    private readonly ExecutableMemory _memory;
    private readonly Emitter _emitter = new();
    private readonly Trampolines _trampolines;
    private readonly BlockCompiler _compiler;
    private readonly int _firstBlock;
    private readonly PerfMap? _perfMap;
    private readonly ExitRecord*[] _records = new ExitRecord*[MaximumChunks];
    private readonly Instruction*[] _instructions = new Instruction*[MaximumChunks];
    private readonly Dictionary<CodePlace, nint> _blocks = [];
    private readonly Dictionary<ulong, List<CodePlace>> _frames = [];
    private int _recordCount;
    private int _instructionCount;
    private bool _isClosed;
    private bool _disposed;

    private NativeCode(ExecutableMemory memory, TranslatorOptions options)
    {
        _memory = memory;
        _perfMap = PerfMap.TryCreate(options.PerfMap);
        _emitter.Begin(memory.Writable, memory.Length);
        _trampolines = new Trampolines(_emitter, memory.Writable, memory.Executable);
        RecentPages = new RecentPageRoutines(_emitter, options.CountLookUps);
        SecondLevel = new SecondLevelRoutines(_emitter, options.CountLookUps);
        Jumps = new JumpCacheCode(_emitter, ExitCode);
        HasClock = ClockRoutine.TryEmit(_emitter, out byte* clock);
        Clock = clock;
        _firstBlock = _emitter.Length;
        AddIndirectExit();
        _compiler = new BlockCompiler(this, _emitter, options);
        NameTrampolines();
    }

    /// <summary>Blocks compiled since creation.</summary>
    internal long Compiled { get; private set; }

    /// <summary>Times everything was thrown away because the memory was used up.</summary>
    internal long Flushes { get; private set; }

    /// <summary>Bytes of host code there are now.</summary>
    internal int Used => _emitter.Length;

    /// <summary>Bytes of host code there can be.</summary>
    internal int Reserved => _memory.Length;

    /// <summary>Where code is executed: from here, <see cref="Reserved"/> bytes.</summary>
    internal nint Start => (nint)_memory.Executable;

    internal Trampolines Trampolines => _trampolines;

    internal RecentPageRoutines RecentPages { get; }

    internal SecondLevelRoutines SecondLevel { get; }

    internal JumpCacheCode Jumps { get; }

    /// <summary>Whether emitted code can read the host's clock.</summary>
    internal bool HasClock { get; }

    /// <summary>The routine that does, in the writable mapping; where there is none, one that is never to be called.</summary>
    internal byte* Clock { get; }

    /// <summary>Where exits jump to, in the writable mapping.</summary>
    internal byte* ExitCode => _trampolines.ExitCode;

    /// <summary>Sets memory for code aside; null when the host allows no executable memory or is no x86-64.</summary>
    internal static NativeCode? TryCreate(TranslatorOptions options)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return null;
        int bytes = Math.Max(options.CodeBytes, 4 * BlockCompiler.RoomNeeded);
        return ExecutableMemory.TryCreate(bytes, isAnonymous: options.PerfMap is not null) is { } memory
            ? new NativeCode(memory, options)
            : null;
    }

    /// <summary>The code for a place, made now if need be.</summary>
    /// <param name="memory">The guest's.</param>
    /// <param name="pages">Frames with code; the caller has seen to it that no CPU writes straight to this one.</param>
    /// <param name="place">Where the guest's code is, and what is wanted of it.</param>
    /// <param name="full">Nothing was made because there is no room: empty it.</param>
    internal nint Get(IGuestMemory memory, CodePages pages, CodePlace place, out bool full)
    {
        lock (_lock)
        {
            full = false;
            if (_blocks.TryGetValue(place, out nint code))
                return code;
            if (_isClosed || _emitter.Room < BlockCompiler.RoomNeeded || _recordCount > (MaximumChunks - ChunksInReserve) * RecordsPerChunk)
            {
                full = true;
                return 0;
            }

            // A frame written to from now on is dropped after this, under the lock; one that was written to before is not kept.
            ulong frame = place.Physical >> 12;
            if (!pages.Contains(frame) || (place.Crosses && !pages.Contains(place.SecondFrame)))
                return Later;
            byte* page = memory.FindFrame(new GuestFrame(frame));
            byte* second = place.Crosses ? memory.FindFrame(new GuestFrame(place.SecondFrame)) : null;
            if (page == null || (place.Crosses && second == null))
                return 0;
            byte* made = _compiler.Compile(page, second, (int)(place.Physical & 0xfff), (uint)frame, place.User, place.Plain);
            code = made == null ? 0 : Executable(made);
            _blocks[place] = code;
            Enlist(place, frame);
            if (place.Crosses)
                Enlist(place, place.SecondFrame);
            if (made != null)
            {
                Compiled++;
                _perfMap?.Add(code, (int)(_emitter.At - made), $"guest:{frame:x}+{place.Physical & 0xfff:x} {(place.User ? "user" : "kernel")}{(place.Plain ? " plain" : "")}");
            }

            return code;
        }
    }

    /// <summary>The code for a place if it has been made; else 0.</summary>
    internal nint Find(CodePlace place)
    {
        lock (_lock)
            return _blocks.GetValueOrDefault(place);
    }

    /// <summary>The guest's code in a frame changed: what was made from it is not found any more.</summary>
    internal void Drop(ulong frame)
    {
        lock (_lock)
        {
            if (!_frames.Remove(frame, out List<CodePlace>? places))
                return;
            foreach (CodePlace place in places)
                _blocks.Remove(place);
        }
    }

    /// <summary>
    /// From now on nothing is found or made until it is emptied: a CPU that has forgotten what it knew of the code must not get it back.
    /// </summary>
    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _blocks.Clear();
            _frames.Clear();
        }
    }

    /// <summary>Throws everything away. No CPU is in emitted code, nor holds an address of it.</summary>
    internal void Empty()
    {
        lock (_lock)
        {
            Flushes++;
            _isClosed = false;
            _blocks.Clear();
            _frames.Clear();
            _emitter.At = _memory.Writable + _firstBlock;
            _recordCount = 0;
            _instructionCount = 0;
            AddIndirectExit();
            _perfMap?.Clear();
            NameTrampolines();
        }
    }

    /// <summary>What an exit's number stands for.</summary>
    internal ExitRecord* Record(ulong number) => _records[number / RecordsPerChunk] + (number % RecordsPerChunk);

    /// <summary>Makes the jump of a direct exit go straight to its target from now on.</summary>
    internal void Tie(ExitRecord* exit, nint target)
        => Emitter.Bind(_memory.Writable + exit->Jump, _memory.Writable + (target - (nint)_memory.Executable));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _perfMap?.Dispose();
        _memory.Dispose();
        foreach (ExitRecord* chunk in _records)
            NativeMemory.Free(chunk);
        foreach (Instruction* chunk in _instructions)
            NativeMemory.Free(chunk);
    }

    private void AddIndirectExit()
    {
        AddRecord(out ExitRecord* record);
        record->Kind = ExitKind.Indirect;
    }

    internal int AddRecord(out ExitRecord* record)
    {
        ref ExitRecord* chunk = ref _records[_recordCount / RecordsPerChunk];
        if (chunk == null)
            chunk = (ExitRecord*)NativeMemory.AllocZeroed(RecordsPerChunk, (nuint)sizeof(ExitRecord));
        record = chunk + (_recordCount % RecordsPerChunk);
        *record = default;
        return _recordCount++;
    }

    /// <summary>Keeps a decoded instruction; its number.</summary>
    internal int Keep(in Instruction instruction)
    {
        ref Instruction* chunk = ref _instructions[_instructionCount / InstructionsPerChunk];
        if (chunk == null)
            chunk = (Instruction*)NativeMemory.Alloc(InstructionsPerChunk, (nuint)sizeof(Instruction));
        chunk[_instructionCount % InstructionsPerChunk] = instruction;
        return _instructionCount++;
    }

    /// <summary>The instruction kept under a number.</summary>
    internal Instruction* Kept(int number) => _instructions[number / InstructionsPerChunk] + (number % InstructionsPerChunk);

    internal int OffsetOf(byte* written) => (int)(written - _memory.Writable);

    internal nint Executable(byte* written) => (nint)(_memory.Executable + (written - _memory.Writable));

    private void Enlist(CodePlace place, ulong frame)
    {
        if (!_frames.TryGetValue(frame, out List<CodePlace>? places))
            _frames[frame] = places = [];
        places.Add(place);
    }

    private void NameTrampolines()
    {
        if (_perfMap is null)
            return;
        nint enter = (nint)_trampolines.Enter, enterWithVector = (nint)_trampolines.EnterWithVector, exit = Executable(_trampolines.ExitCode);
        _perfMap.Add(enterWithVector, (int)(enter - enterWithVector), "hospes:enter-with-vector");
        _perfMap.Add(enter, (int)(exit - enter), "hospes:enter");
        _perfMap.Add(exit, (int)(Start + _firstBlock - exit), "hospes:exit");
    }
}
