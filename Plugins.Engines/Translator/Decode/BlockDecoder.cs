using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Decode;

/// <summary>
/// Turns code bytes into blocks. Decoder addresses are relative to the block's first byte (it decodes at address 0), so that a block serves every
/// linear address its page is mapped at.
/// </summary>
internal sealed unsafe class BlockDecoder
{
    /// <summary>Instructions per block at most: bounds the time between two looks at the poll word.</summary>
    internal const int MaximumInstructions = 64;

    private const int LongestInstruction = 15;

    private readonly BlockArena _arena;
    private readonly NativeCodeReader _reader = new();
    private readonly Decoder[] _decoders;
    private readonly Instruction[] _instructions = new Instruction[MaximumInstructions];
    private readonly OpLowering _lowering;

    internal BlockDecoder(BlockArena arena)
    {
        _arena = arena;
        _decoders = [Decoder.Create(16, _reader), Decoder.Create(32, _reader), Decoder.Create(64, _reader)];
        _lowering = new OpLowering(arena);
    }

    /// <summary>Whether the instruction at <paramref name="code"/> needs bytes beyond the <paramref name="available"/> ones that its page has.</summary>
    internal bool CrossesPage(byte* code, int available, CpuMode mode)
    {
        if (available >= LongestInstruction)
            return false;
        Decoder decoder = Start(code, available, mode);
        decoder.Decode(out _);
        return decoder.LastError == DecoderError.NoMoreBytes;
    }

    /// <summary>A block without operations.</summary>
    internal Block* Create(CpuMode mode, ulong physical, ulong secondFrame)
    {
        var block = (Block*)_arena.Allocate(sizeof(Block));
        block->Mode = mode;
        block->Physical = physical;
        block->SecondFrame = secondFrame;
        block->Live = true;
        return block;
    }

    /// <summary>
    /// Decodes a block. With <paramref name="secondPage"/> the first instruction spans two pages and is the whole block; else all
    /// instructions lie within the <paramref name="available"/> bytes.
    /// </summary>
    internal void Decode(Block* block, byte* code, int available, byte* secondPage)
    {
        CpuMode mode = block->Mode;
        if (secondPage != null)
        {
            byte* joined = stackalloc byte[LongestInstruction];
            Buffer.MemoryCopy(code, joined, LongestInstruction, available);
            Buffer.MemoryCopy(secondPage, joined + available, LongestInstruction - available, LongestInstruction - available);
            Build(block, Start(joined, LongestInstruction, mode), 1);
        }
        else
        {
            Build(block, Start(code, available, mode), MaximumInstructions);
        }
    }

    /// <summary>Decodes one instruction again, for single-stepping; its addresses are relative to <paramref name="address"/> before it.</summary>
    internal Instruction DecodeOne(byte* code, int available, byte* secondPage, CpuMode mode, int address = 0)
    {
        byte* joined = stackalloc byte[LongestInstruction];
        int first = Math.Min(available, LongestInstruction);
        Buffer.MemoryCopy(code, joined, LongestInstruction, first);
        int length = first;
        if (secondPage != null && first < LongestInstruction)
        {
            Buffer.MemoryCopy(secondPage, joined + first, LongestInstruction - first, LongestInstruction - first);
            length = LongestInstruction;
        }

        Decoder decoder = Start(joined, length, mode);
        decoder.IP = (ulong)address;
        decoder.Decode(out Instruction instruction);
        return instruction;
    }

    private Decoder Start(byte* code, int length, CpuMode mode)
    {
        _reader.Set(code, length);
        Decoder decoder = _decoders[(int)mode];
        decoder.IP = 0;
        return decoder;
    }

    private void Build(Block* block, Decoder decoder, int limit)
    {
        int count = 0;
        int length = 0;
        while (count < limit)
        {
            decoder.Decode(out _instructions[count]);
            if (decoder.LastError == DecoderError.NoMoreBytes)
                break;
            length += _instructions[count].Length;
            if (EndsBlock(_instructions[count++]))
                break;
        }

        block->Count = count;
        block->Ops = _lowering.Lower(_instructions.AsSpan(0, count), length, block->Mode);
    }

    /// <summary>Control flow, and whatever may change mode, mapping or interrupt state.</summary>
    internal static bool EndsBlock(in Instruction instruction) => instruction.FlowControl != FlowControl.Next
        || HandlerTable.Instance[instruction.Code] == null
        || instruction.Mnemonic is Mnemonic.Hlt or Mnemonic.Sti or Mnemonic.Popf or Mnemonic.Popfd or Mnemonic.Popfq or Mnemonic.Serialize;
}
