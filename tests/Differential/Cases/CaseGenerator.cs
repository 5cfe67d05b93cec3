using Hospes.Differential.Machines;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>
/// Makes random experiments for an instruction form: operands as the form's description allows, an addressing form that hits the region, and a state in
/// which registers hold edge cases as often as noise.
/// </summary>
internal sealed unsafe partial class CaseGenerator
{
    private readonly TestRegion _region;
    private readonly TestRandom _random;
    private readonly TestCase _case;
    private readonly BufferWriter _writer = new();
    private readonly Encoder _encoder;
    private readonly ulong[] _pool = new ulong[4];
    private bool _inSequence;

    internal CaseGenerator(TestRegion region, TestRandom random, TestCase target)
    {
        _region = region;
        _random = random;
        _case = target;
        _encoder = Encoder.Create(64, _writer);
    }

    /// <summary>Makes the next experiment with a form. False: this form cannot be encoded with operands that we know how to make.</summary>
    internal bool TryGenerate(Code code)
    {
        _inSequence = false;
        for (int attempt = 0; attempt < 50; attempt++)
        {
            _case.Clear();
            FillState();
            switch (TryInstruction(code))
            {
                case null:
                    return false;
                case true when TryFixUp(_case.Instruction) && TryEncode():
                    return true;
            }
        }

        return false;
    }

    /// <summary>Makes a state for a sequence of instructions.</summary>
    internal void StartSequence()
    {
        _inSequence = true;
        _case.Clear();
        FillState();
        _pointer = _random.Pick<Register>(Pointers);
        _case.State.Registers[_pointer - Register.RAX] = (ulong)_region.DataBorder + (ulong)(long)_random.Next(-300, 300);
    }

    /// <summary>Appends an instruction that does not depend on what registers hold to stay in the region. False: not this form, or no room.</summary>
    internal bool TryAppend(Code code)
    {
        if (TryInstruction(code) != true || IsUnfitForSequence(_case.Instruction))
            return false;
        return TryEncode();
    }

    /// <summary>True: made. False: try again. Null: unknown kinds of operands.</summary>
    private bool? TryInstruction(Code code)
    {
        OpCodeInfo form = code.ToOpCode();
        ref Instruction instruction = ref _case.Instruction;
        instruction = default;
        instruction.Code = code;
        _memoryTarget = 0;
        for (int i = 0; i < form.OpCount; i++)
        {
            if (!TryOperand(ref instruction, form, i))
                return null;
        }

        Prefixes(ref instruction, form);
        return true;
    }

    private bool TryEncode()
    {
        _writer.Clear();
        return _encoder.TryEncode(_case.Instruction, (ulong)_region.Code + (ulong)_case.Length, out _, out _) && _writer.Length <= 15
            && _case.TryAppend(_writer.Written);
    }

    private void FillState()
    {
        for (int i = 0; i < _pool.Length; i++)
            _pool[i] = _random.Value();
        ref MachineState state = ref _case.State;
        for (int i = 0; i < 16; i++)
            state.Registers[i] = NextValue();
        state.Registers[4] = (ulong)_region.Stack + (ulong)(_random.Chance(80) ? 8 * _random.Next(8) : _random.Next(64));
        state.Flags = (_random.Next() & 0xcd5) | 0x202; // arithmetic flags and DF; never TF or AC
        _case.FillMemory(NextWord);
        fixed (byte* extended = state.Extended)
            FillExtended(extended);
    }

    private ulong NextValue() => _random.Chance(30) ? _random.Pick<ulong>(_pool) : _random.Value();

    private ulong NextWord() => _random.Next(3) switch
    {
        0 => _random.Pick<ulong>(_pool),
        1 => _random.FloatValue(),
        _ => _random.Next(),
    };

    /// <summary>An FXSAVE64 image (Intel SDM volume 1, table 10-2) with few unmasked exceptions and no pending one.</summary>
    private void FillExtended(byte* image)
    {
        new Span<byte>(image, 512).Clear();
        bool masked = _random.Chance(95);
        *(ushort*)image = (ushort)(0x40 | (masked ? 0x3f : _random.Next(64)) | (_random.Pick<ushort>([3, 3, 3, 2, 0]) << 8) | (_random.Next(4) << 10));
        *(ushort*)(image + 2) = (ushort)((_random.Next() & 0x7f00) | (masked && _random.Chance(30) ? (ulong)_random.Next(128) : 0));
        image[4] = _random.Next(3) switch
        {
            0 => 0xff,
            1 => (byte)_random.Next(),
            _ => 0x7f,
        };
        masked = _random.Chance(95);
        *(uint*)(image + 24) = (uint)((masked ? 0x1f80 : _random.Next(64) << 7) | (_random.Chance(30) ? _random.Next(4) << 13 : 0)
            | (_random.Chance(10) ? 0x8000 : 0) | (_random.Chance(10) ? 0x40 : 0) | (_random.Chance(30) ? _random.Next(64) : 0));
        *(uint*)(image + 28) = 0xffff;
        for (int i = 0; i < 8; i++)
        {
            *(ulong*)(image + 32 + (i * 16)) = _random.Next(4) switch
            {
                0 => _random.Pick<ulong>([0, 1UL << 63, ulong.MaxValue, 3UL << 62, 1]),
                1 => (1UL << 63) | (_random.Next() << _random.Next(64) >> 1),
                2 => _random.Next() | (1UL << 63),
                _ => NextValue(),
            };
            *(ushort*)(image + 40 + (i * 16)) = _random.ExtendedExponent();
        }

        for (int i = 0; i < 32; i++)
            *(ulong*)(image + 160 + (i * 8)) = _random.Chance(50) ? _random.FloatValue() : NextValue();
    }

    private void Prefixes(ref Instruction instruction, OpCodeInfo form)
    {
        if (form.CanUseLockPrefix && instruction.Op0Kind == OpKind.Memory)
            instruction.HasLockPrefix = _random.Chance(30);
        if (instruction.IsStringInstruction)
        {
            instruction.HasRepPrefix = _random.Chance(40);
            instruction.HasRepnePrefix = !instruction.HasRepPrefix && _random.Chance(40);
        }
    }

    private sealed class BufferWriter : CodeWriter
    {
        private readonly byte[] _bytes = new byte[32];

        internal int Length { get; private set; }

        internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

        public override void WriteByte(byte value) => _bytes[Length++] = value;

        internal void Clear() => Length = 0;
    }
}
