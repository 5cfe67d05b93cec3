using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// Executes an <see cref="IUpdate"/> on a register or in memory. In memory the right to write is established before anything changes, as hardware
/// does, so that a page fault of a read-modify-write says "write" and a restart finds everything as it was.
/// </summary>
/// <remarks>
/// Safe because a pinned address is writable guest memory of the asked size that stays mapped while the machine lives. LOCK is a host compare-and-swap
/// on that address, which is atomic against other CPUs' plain and locked accesses. Operands that cross a page or lie in device space have no single
/// address: those are serialised against each other by the machine's lock only.
/// </remarks>
internal static unsafe class Update
{
    /// <summary>Operand 0 becomes the operation's result. False: a fault is recorded and nothing changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Destination<T, TOperation>(TranslatorCpu cpu, in Instruction instruction, ulong right, int count, out ulong left)
        where T : unmanaged
        where TOperation : struct, IUpdate
    {
        if (instruction.Op0Kind != OpKind.Register)
        {
            left = 0;
            return Operands.Linear(cpu, instruction, sizeof(T), write: true, out ulong linear)
                && Memory<T, TOperation>(cpu, linear, instruction.HasLockPrefix, right, count, out left);
        }

        CpuContext* c = cpu.C;
        Register register = instruction.Op0Register;
        left = Sized.ReadRegister<T>(c, register);
        ulong result = Sized.Zero<T>(TOperation.Result<T>(c, left, right, count));
        Sized.WriteRegister<T>(c, register, result);
        TOperation.Commit<T>(c, result, left, right, count);
        return true;
    }

    /// <summary>The same for a memory operand whose linear address has passed the segment checks.</summary>
    internal static bool Memory<T, TOperation>(TranslatorCpu cpu, ulong linear, bool atomic, ulong right, int count, out ulong left)
        where T : unmanaged
        where TOperation : struct, IUpdate
    {
        CpuContext* c = cpu.C;
        byte* host = cpu.Memory.Pin(linear, sizeof(T), out bool faulted);
        if (host == null)
        {
            left = 0;
            return !faulted && Unpinned<T, TOperation>(cpu, linear, right, count, out left);
        }

        ulong result;
        if (atomic)
        {
            ulong seen = Sized.To(Unsafe.ReadUnaligned<T>(host));
            do
            {
                left = seen;
                result = Sized.Zero<T>(TOperation.Result<T>(c, left, right, count));
                seen = Sized.To(Interlocked.CompareExchange(ref *(T*)host, Sized.From<T>(result), Sized.From<T>(left)));
            }
            while (seen != left);
        }
        else
        {
            left = Sized.To(Unsafe.ReadUnaligned<T>(host));
            result = Sized.Zero<T>(TOperation.Result<T>(c, left, right, count));
            Unsafe.WriteUnaligned(host, Sized.From<T>(result));
        }

        TOperation.Commit<T>(c, result, left, right, count);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Unpinned<T, TOperation>(TranslatorCpu cpu, ulong linear, ulong right, int count, out ulong left)
        where T : unmanaged
        where TOperation : struct, IUpdate
    {
        left = 0;
        if (cpu.Memory.WouldFault(linear, sizeof(T), write: true))
            return false;
        lock (cpu.Machine.SplitAccess)
        {
            if (!Sized.ReadMemory<T>(cpu, linear, out left))
                return false;
            ulong result = Sized.Zero<T>(TOperation.Result<T>(cpu.C, left, right, count));
            if (!Sized.WriteMemory<T>(cpu, linear, result))
                return false;
            TOperation.Commit<T>(cpu.C, result, left, right, count);
            return true;
        }
    }
}
