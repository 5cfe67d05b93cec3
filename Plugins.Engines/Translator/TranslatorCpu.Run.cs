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
            if ((c->SystemFlags & Bits.Trap) != 0)
            {
                result = SingleStep();
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
    private StepResult SingleStep()
    {
        StepResult result = Step(out Instruction instruction);
        if (result == StepResult.Fault || instruction.Length == 0)
            return result;

        // INT n has cleared TF for its handler, whose first instruction does not trap; a load of SS holds debug traps back for one instruction.
        bool interrupts = result == StepResult.Leave && instruction.Mnemonic is Mnemonic.Int or Mnemonic.Int3 or Mnemonic.Into;
        if (interrupts || (C->InterruptShadow && instruction.Mnemonic != Mnemonic.Sti))
            return result;

        // The trap belongs to the state before the instruction; one that cleared TF itself (IRET, POPF) still traps. It ends a HLT.
        C->IsHalted = false;
        C->Debug[6] |= 0x4000;
        Raise(Vectors.Debug);
        C->InstructionStart = C->Rip;
        return StepResult.Fault;
    }
}
