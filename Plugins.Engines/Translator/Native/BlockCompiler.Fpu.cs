using Hospes.Engines.Translator.Interpret.Floating;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// x87 and MMX registers: the host has them from the first instruction that wants them until emitted code is left. Exceptions are all masked meanwhile, so none is delivered.
/// </summary>
internal sealed unsafe partial class BlockCompiler
{
    /// <summary>Makes sure, once until the next handler, that the host has the guest's registers.</summary>
    private void CheckFpu(int index, uint liveFlags)
    {
        if (_fpuChecked)
            return;
        _scratchGroup = -1;
        ReleaseFlags(liveFlags);
        byte* elsewhere = Trampolines.JumpUnless(_e, FpuResidence.Host);
        _fpuChecked = true;
        Add(new PendingExit
        {
            Kind = ExitKind.Fpu,
            Instruction = index,
            First = elsewhere,
            Retry = _e.At,
            VectorsAtRetry = _vectors,
            Vector = _vectorsChecked,
            Fpu = true,
        });
    }

    // Remembers the instruction as the last non-control one. The page goes with the first in a block: nothing leaves in between.
    private void NoteFpuInstruction(int index)
    {
        if (!_fpuPageKnown)
        {
            _scratchGroup = -1;
            _e.Load(HostRegisters.Scratch, HostRegisters.Context, ContextOffsets.CodePage);
            _e.Store(HostRegisters.Context, ContextOffsets.FpuPage, HostRegisters.Scratch);
            _fpuPageKnown = true;
        }

        _e.StoreImmediate32(HostRegisters.Context, ContextOffsets.FpuPlace, (int)_instructions[index].IP);
    }

    private bool EmitLoadFpuControl(int index)
    {
        uint live = _liveAfter[index];
        CheckFpu(index, live);
        ReleaseFlags(live);
        byte* retry = _e.At;
        EmitAddress(_instructions[index]);
        int memory = EmitProbe(index, retry, sizeof(ushort), writes: false, recent: RecentPageOf(_instructions[index]));
        _e.Bytes([0x45, 0x0f, 0xb7, 0x3e]); // movzx r15d, word [r14]
        _e.Bytes([0x41, 0xf7, 0xd7]); // not r15d
        _e.Bytes([0x41, 0xf6, 0xc7, (byte)FloatFlags.All]); // test r15b
        byte* unmasks = _e.Jump(5);
        _e.Bytes([0x41, 0xd9, 0x2e]); // fldcw [r14]
        AddHandlerExit(index, unmasks);
        FinishMemory(memory);
        return true;
    }
}
