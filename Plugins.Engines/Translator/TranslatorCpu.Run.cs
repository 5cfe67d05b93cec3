using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.Decode;
using Hospes.Engines.Translator.Interpret;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Engines.Translator.State;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Translator;

/// <summary>What happens between blocks: requests, interrupts, single steps, faults, halts.</summary>
internal sealed unsafe partial class TranslatorCpu
{
    /// <inheritdoc/>
    public CpuExit Run()
    {
        // Before the first look at the poll word: whoever empties the code cache sets that first and looks at this then.
        Volatile.Write(ref _isRunning, true);
        EnterGuest();
        try
        {
            return RunUntilExit();
        }
        finally
        {
            LeaveGuest();
            Volatile.Write(ref _isRunning, false);
        }
    }

    /// <summary>A thread is in <see cref="Run"/>, and may be in emitted code.</summary>
    internal bool IsRunning => Volatile.Read(ref _isRunning);

    private bool _isRunning;

    private CpuExit RunUntilExit()
    {
        CpuContext* c = C;
        while (true)
        {
            uint poll = Volatile.Read(ref *c->Poll);
            if (poll != 0 && Poll(poll) is CpuExit exit)
                return exit;
            if (c->IsHalted)
                return (c->SystemFlags & Bits.Interrupt) != 0 ? CpuExit.Halted : CpuExit.HaltedForever;

            StepResult result;
            bool shadow = c->InterruptShadow;
            c->InterruptShadow = false;
            if (Memory.Breakpoints.HasCode)
            {
                result = StepUnlessBreakpoint();
            }
            else if ((c->SystemFlags & Bits.Trap) != 0)
            {
                result = SingleStep(out _);
            }
            else if (shadow && poll != 0)
            {
                // Something waits: the shadow is one instruction long, else STI; NOP; CLI would never let an interrupt in.
                result = Step(out _);
            }
            else
            {
                Block* block = _blocks.Find();
                if (block != null)
                {
                    result = RunBlock(block);
                }
                else
                {
                    c->InstructionStart = c->Rip;
                    result = StepResult.Fault;
                }
            }

            if (Memory.Breakpoints.Hits != 0)
                result = AfterHit(result);
            if (result == StepResult.Fault && !EventDelivery.Fault(this))
                return CpuExit.TripleFault;
            if (FailureReason is not null)
                return CpuExit.Failed;
        }
    }

    /// <summary>Ends the guest because the engine cannot go on.</summary>
    internal StepResult Fail(string reason)
    {
        FailureReason = $"{reason} at {C->Cs.Selector:x4}:{C->InstructionStart:x}";
        return StepResult.Exit;
    }

    /// <summary>Serves the poll word; an answer means: leave <see cref="Run"/>.</summary>
    private CpuExit? Poll(uint poll)
    {
        CpuContext* c = C;
        if ((poll & (uint)PollBits.Engine) != 0)
            ServeRequests();
        if ((poll & (uint)PollBits.Exit) != 0)
            return CpuExit.Requested;
        if (c->InterruptShadow)
            return null;

        if ((poll & (uint)PollBits.Nmi) != 0 && !c->NmiBlocked)
        {
            Interlocked.And(ref *c->Poll, ~(uint)PollBits.Nmi);
            c->IsHalted = false;
            c->NmiBlocked = true;
            return EventDelivery.External(this, Vectors.Nmi) ? null : CpuExit.TripleFault;
        }

        if ((poll & (uint)PollBits.Interrupt) != 0 && (c->SystemFlags & Bits.Interrupt) == 0)
        {
            // Else the word would bring the CPU here after each block until the guest takes interrupts again.
            Interlocked.And(ref *c->Poll, ~(uint)PollBits.Interrupt);
            c->InterruptHeld = true;
        }
        else if ((poll & (uint)PollBits.Interrupt) != 0)
        {
            // Cleared before asking: whoever makes an interrupt pending after our question sets it again.
            Interlocked.And(ref *c->Poll, ~(uint)PollBits.Interrupt);
            int vector = _host.AcknowledgeInterrupt();
            if (vector >= 0)
            {
                Interlocked.Or(ref *c->Poll, (uint)PollBits.Interrupt);
                c->IsHalted = false;
                return EventDelivery.External(this, (byte)vector) ? null : CpuExit.TripleFault;
            }
        }

        return null;
    }

    /// <summary>After a handler, which alone can allow interrupts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReleaseInterrupt()
    {
        if (!C->InterruptHeld || (C->SystemFlags & Bits.Interrupt) == 0)
            return;
        C->InterruptHeld = false;
        Interlocked.Or(ref *C->Poll, (uint)PollBits.Interrupt);
    }

    /// <summary>One instruction by its handler.</summary>
    private StepResult Step(out Instruction instruction)
    {
        instruction = default;
        Block* block = _blocks.Find();
        if (block == null)
        {
            C->InstructionStart = C->Rip;
            return StepResult.Fault;
        }

        if (!_blocks.TryRedecode(block, out instruction))
            return StepResult.Leave;
        C->Instructions++;
        return ExecuteOne(instruction);
    }

    /// <summary>One instruction with EFLAGS.TF set, then a debug trap.</summary>
    private StepResult SingleStep(out Instruction instruction)
    {
        StepResult result = Step(out instruction);
        if (result == StepResult.Fault || instruction.Length == 0)
            return result;

        // INT n has cleared TF for its handler, whose first instruction does not trap; a load of SS holds debug traps back for one instruction.
        bool interrupts = result == StepResult.Leave && instruction.Mnemonic is Mnemonic.Int or Mnemonic.Int3 or Mnemonic.Into;
        if (interrupts || (C->InterruptShadow && instruction.Mnemonic != Mnemonic.Sti))
            return result;

        // The trap belongs to the state before the instruction; one that cleared TF itself (IRET, POPF) still traps. It ends a HLT.
        return DebugTrap(0x4000);
    }

    /// <summary>One instruction, unless it has a breakpoint that has not been taken yet.</summary>
    private StepResult StepUnlessBreakpoint()
    {
        CpuContext* c = C;
        ulong hits = (c->SystemFlags & Bits.Resume) != 0 ? 0 : Memory.Breakpoints.At(c->Rip + c->CodeBase);
        if (hits != 0)
        {
            c->Debug[6] |= hits;
            c->SystemFlags |= Bits.Resume;
            c->InstructionStart = c->Rip;
            return Raise(Vectors.Debug);
        }

        ulong start = c->Rip;
        StepResult result = (c->SystemFlags & Bits.Trap) != 0 ? SingleStep(out Instruction instruction) : Step(out instruction);

        // Only a completed instruction clears the flag; IRET has set its own.
        bool goesOn = c->Rip == start && (instruction.HasRepPrefix || instruction.HasRepnePrefix);
        if (result != StepResult.Fault && !goesOn && instruction.Mnemonic is not (Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq))
            c->SystemFlags &= ~Bits.Resume;
        return result;
    }

    // Data breakpoints trap after the instruction; one that has faulted will be done again.
    private StepResult AfterHit(StepResult result)
    {
        ulong hits = Memory.Breakpoints.Hits;
        Memory.Breakpoints.Hits = 0;
        return result is StepResult.Fault or StepResult.Exit ? result : DebugTrap(hits);
    }

    // The trap is one of the place after the instruction. It ends a HLT.
    private StepResult DebugTrap(ulong causes)
    {
        C->IsHalted = false;
        C->Debug[6] |= causes | Memory.Breakpoints.Hits;
        Memory.Breakpoints.Hits = 0;
        Raise(Vectors.Debug);
        C->InstructionStart = C->Rip;
        return StepResult.Fault;
    }

    /// <summary>After a debug register was written.</summary>
    internal void UpdateBreakpoints()
    {
        if (Memory.Breakpoints.Update())
            Memory.FlushAll();
    }
}
