using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Makes host code from guest code: from an entry through branches that are not taken up to the first jump, within one page. Instructions that compute
/// run as themselves with registers exchanged and memory operands looked up in the TLB first; the rest leaves for the handlers. Used under its owner's lock.
/// </summary>
internal sealed unsafe partial class BlockCompiler
{
    private const int MaximumInstructions = 64;
    private const int MaximumInstructionLength = 15;

    /// <summary>More than the longest block can need.</summary>
    internal const int RoomNeeded = 64 << 10;

    private readonly NativeCode _code;
    private readonly bool _countInstructions;
    private readonly bool _countLookUps;
    private readonly Emitter _e;
    private readonly Encoder _encoder;
    private readonly NativeCodeReader _reader = new();
    private readonly Decoder _decoder;
    private readonly InstructionInfoFactory _information = new();
    private readonly Instruction[] _instructions = new Instruction[MaximumInstructions];
    private readonly NativeForm[] _forms = new NativeForm[MaximumInstructions];
    private readonly uint[] _liveAfter = new uint[MaximumInstructions];
    private readonly uint[] _liveAtBranch = new uint[MaximumInstructions];
    private readonly AccessGroups _groups = new();
    private readonly GroupMember[] _members = new GroupMember[MaximumInstructions];
    private PendingExit[] _exits = new PendingExit[256];
    private int _exitCount;
    private int _count;

    // The last instruction never goes on to the next by itself.
    private bool _ends;

    private bool _user;

    // The page that is compiled from, and whether it is only one instruction that ends on another page.
    private byte* _page;
    private bool _crosses;

    // Where the flags are, and which vector registers have the guest's value, at the point that is being written.
    private bool _flagsInHost;
    private bool _flagsInContext;
    private uint _vectors;
    private bool _vectorsChecked;

    // Whether the host has the guest's x87 registers, and the context the page of the x87 instruction that was last.
    private bool _fpuChecked;
    private bool _fpuPageKnown;

    // Whether accesses are looked up in groups, and the group whose difference of addresses the scratch register has (negative: none).
    private bool _grouped;
    private int _scratchGroup;

    internal BlockCompiler(NativeCode code, Emitter emitter, TranslatorOptions options)
    {
        _countInstructions = options.CountInstructions;
        _countLookUps = options.CountLookUps;
        _code = code;
        _e = emitter;
        _encoder = Encoder.Create(64, new NativeWriter(emitter));
        _decoder = Decoder.Create(64, _reader);
    }

    /// <summary>
    /// Compiles the code at <paramref name="offset"/> of a page. Null: nothing could be compiled. Host instructions are written where the emitter stands.
    /// </summary>
    /// <param name="page">The page's bytes.</param>
    /// <param name="second">The bytes of the page that follows, if the first instruction ends there: then that is all that is compiled. Else null.</param>
    /// <param name="offset">Of the first instruction.</param>
    /// <param name="frame">The page's guest frame.</param>
    /// <param name="user">For privilege level 3; else for 0.</param>
    /// <param name="plain">Each access is looked up by itself.</param>
    internal byte* Compile(byte* page, byte* second, int offset, uint frame, bool user, bool plain)
    {
        _page = page;
        _crosses = second != null;
        _grouped = !plain;
        _scratchGroup = -1;
        _user = user;
        int end = _crosses ? DecodeCrossing(second, offset) : Decode(page, offset);
        if (_count == 0 || (_count == 1 && _forms[0] == NativeForm.Handler))
            return null;
        ComputeLiveness();
        if (_grouped)
            _groups.Find(_instructions.AsSpan(0, _count), _forms.AsSpan(0, _count), _members);
        while (((nint)_e.At & 15) != 0)
            _e.Byte(0x90);
        byte* entry = _e.At;
        _exitCount = 0;
        _flagsInHost = false;
        _flagsInContext = true;
        _vectors = 0;
        _vectorsChecked = false;
        _fpuChecked = false;
        _fpuPageKnown = false;
        if (_countInstructions)
        {
            _e.RegisterMemory(0x81, 0, HostRegisters.Context, ContextOffsets.Instructions); // add qword
            _e.Int32(_count);
        }

        for (int index = 0; index < _count; index++)
            EmitInstruction(index);

        if (!_ends)
            EmitContinue(_count - 1, end);
        EmitExits(frame);
        return entry;
    }

    // Answers the page offset after the last instruction.
    private int Decode(byte* page, int offset)
    {
        _reader.Set(page + offset, 4096 - offset);
        _decoder.IP = (ulong)offset;
        _count = 0;
        _ends = false;
        while (_count < MaximumInstructions && !_ends && DecodeNext())
            offset += _instructions[_count - 1].Length;
        return offset;
    }

    private int DecodeCrossing(byte* second, int offset)
    {
        byte* bytes = stackalloc byte[2 * MaximumInstructionLength];
        int first = 4096 - offset;
        new ReadOnlySpan<byte>(_page + offset, first).CopyTo(new Span<byte>(bytes, first));
        new ReadOnlySpan<byte>(second, MaximumInstructionLength).CopyTo(new Span<byte>(bytes + first, MaximumInstructionLength));
        _reader.Set(bytes, first + MaximumInstructionLength);
        _decoder.IP = (ulong)offset;
        _count = 0;
        _ends = false;
        return DecodeNext() ? offset + _instructions[0].Length : offset;
    }

    // False: its last bytes are on another page.
    private bool DecodeNext()
    {
        _decoder.Decode(out Instruction instruction);
        if (_decoder.LastError == DecoderError.NoMoreBytes)
            return false;
        NativeForm form = NativeForms.Of(instruction);
        _instructions[_count] = instruction;
        _forms[_count++] = form;
        _ends = form is NativeForm.Jump or NativeForm.Call or NativeForm.Return || (form == NativeForm.Handler && BlockDecoder.EndsBlock(instruction));
        return true;
    }

    // Whether the instruction at a place of the page ends on the next one. Code for such an instruction holds for a pair of pages, so only the jump cache,
    // which knows linear addresses, leads to it.
    private bool Crosses(long offset)
    {
        if (offset <= 4096 - MaximumInstructionLength)
            return false;
        _reader.Set(_page + offset, 4096 - (int)offset);
        _decoder.IP = (ulong)offset;
        _decoder.Decode(out _);
        return _decoder.LastError == DecoderError.NoMoreBytes;
    }

    private void ComputeLiveness()
    {
        for (int index = 0; index < _count; index++)
        {
            if (_forms[index] == NativeForm.JumpIf)
                _liveAtBranch[index] = LiveAt((long)_instructions[index].NearBranch64);
        }

        ref Instruction last = ref _instructions[_count - 1];
        uint atEnd = _forms[_count - 1] switch
        {
            NativeForm.Jump or NativeForm.Call when last.Op0Kind == OpKind.NearBranch64 => LiveAt((long)last.NearBranch64),
            NativeForm.Jump or NativeForm.Call or NativeForm.Return or NativeForm.Handler => Bits.Arithmetic,
            _ => LiveAt((long)last.NextIP),
        };
        FlagLiveness.Compute(_instructions.AsSpan(0, _count), _forms.AsSpan(0, _count), atEnd, _liveAtBranch, _liveAfter);
    }

    // Looks a few instructions ahead: most code overwrites the flags before it asks for them.
    private uint LiveAt(long offset)
    {
        const int LookAhead = 4;
        uint live = Bits.Arithmetic;
        if (offset is < 0 or >= 4096)
            return live;
        _reader.Set(_page + offset, 4096 - (int)offset);
        _decoder.IP = (ulong)offset;
        uint read = 0;
        for (int index = 0; index < LookAhead && live != 0; index++)
        {
            _decoder.Decode(out Instruction instruction);
            NativeForm form = NativeForms.Of(instruction);
            if (_decoder.LastError != DecoderError.None
                || form is NativeForm.Handler or NativeForm.Jump or NativeForm.JumpIf or NativeForm.Call or NativeForm.Return)
                break;
            read |= FlagLiveness.Reads(instruction, form) & live;
            live &= ~FlagLiveness.Writes(instruction, form);
        }

        return live | read;
    }

    private void EmitInstruction(int index)
    {
        ref Instruction instruction = ref _instructions[index];
        byte* start = _e.At;
        int exits = _exitCount;
        (bool inHost, bool inContext, uint vectors) = (_flagsInHost, _flagsInContext, _vectors);
        (bool vectorsChecked, bool fpuChecked, bool fpuPageKnown) = (_vectorsChecked, _fpuChecked, _fpuPageKnown);
        if (!KeepsScratch(_forms[index]))
            _scratchGroup = -1;
        bool done = _forms[index] switch
        {
            NativeForm.Nothing => true,
            NativeForm.Integer or NativeForm.Vector or NativeForm.Fpu => EmitOrdinary(index),
            NativeForm.LoadFpuControl => EmitLoadFpuControl(index),
            NativeForm.Divide => EmitDivide(index),
            NativeForm.LoadAddress => EmitLoadAddress(instruction),
            NativeForm.Push => EmitPush(index),
            NativeForm.Pop => EmitPop(index),
            NativeForm.Leave => EmitLeave(index),
            NativeForm.Call => EmitCall(index),
            NativeForm.Jump => EmitJump(index),
            NativeForm.JumpIf => EmitJumpIf(index),
            NativeForm.Return => EmitReturn(index),
            NativeForm.BitString => EmitBitString(index),
            NativeForm.RepeatedString => EmitRepeatedString(index),
            NativeForm.PushFlags => EmitPushFlags(index),
            NativeForm.Cli => EmitDisableInterrupts(index),
            NativeForm.Sti => EmitEnableInterrupts(index),
            NativeForm.Stac => EmitUserAccess(index, allowed: true),
            NativeForm.Clac => EmitUserAccess(index, allowed: false),
            NativeForm.Cld => EmitDirection(index, down: false),
            NativeForm.Std => EmitDirection(index, down: true),
            NativeForm.SwapGs => EmitSwapGs(),
            NativeForm.LoadControl => EmitLoadControl(instruction),
            NativeForm.LoadSelector => EmitLoadSelector(instruction),
            NativeForm.StoreSelector => EmitStoreSelector(index),
            NativeForm.ReadBase => EmitReadBase(index),
            NativeForm.WriteBase => EmitWriteBase(index),
            NativeForm.ReadTimestamp => EmitReadTimestamp(index),
            NativeForm.Serialize => EmitSerialize(index),
            _ => false,
        };
        if (done)
        {
            if (!KeepsScratch(_forms[index]))
                _scratchGroup = -1;
            return;
        }

        // Nothing of what was tried stays.
        _e.At = start;
        _exitCount = exits;
        (_flagsInHost, _flagsInContext, _vectors) = (inHost, inContext, vectors);
        (_vectorsChecked, _fpuChecked, _fpuPageKnown) = (vectorsChecked, fpuChecked, fpuPageKnown);
        EmitHandler(index);
    }

    // Forms that say by themselves what becomes of the scratch register.
    private static bool KeepsScratch(NativeForm form) => form is NativeForm.Integer or NativeForm.Vector or NativeForm.Fpu or NativeForm.Push or NativeForm.Pop or NativeForm.LoadAddress
        or NativeForm.JumpIf or NativeForm.Nothing or NativeForm.Leave;

    private void EmitHandler(int index)
    {
        _scratchGroup = -1;
        _groups.Unready();
        SaveFlags();
        byte* jump = _e.Jump();
        Add(new PendingExit { Kind = ExitKind.Handler, Instruction = index, First = jump, Next = _ends && index == _count - 1 ? null : _e.At });
        _flagsInHost = false;
        _flagsInContext = true;
        _vectors = 0;
        _vectorsChecked = false;
        _fpuChecked = false;
        _fpuPageKnown = false;
    }

    private ref PendingExit Add(PendingExit exit)
    {
        if (_exitCount == _exits.Length)
            Array.Resize(ref _exits, _exits.Length * 2);
        _exits[_exitCount] = exit;
        return ref _exits[_exitCount++];
    }
}
