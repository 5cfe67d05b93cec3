using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>CMPXCHG8B and CMPXCHG16B.</summary>
/// <remarks>
/// CMPXCHG16B is the host's own (<see cref="Memory.WideExchange"/>). Where the host forbids code made at run time it runs under the machine's lock,
/// which makes two of them atomic against each other; its halves are then exchanged by 8-byte compare-and-swap, so that a plain or locked 8-byte
/// access of another CPU in between makes it fail instead of being overwritten, but one that reads both halves can see the low one new and the high
/// one old. Device space always goes under the lock.
/// </remarks>
internal static unsafe class WideCompareExchange
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Cmpxchg8b_m64, &CompareExchange8);
        table.Set(Code.Cmpxchg16b_m128, &CompareExchange16);
    }

    private static StepResult CompareExchange8(TranslatorCpu cpu, in Instruction instruction)
    {
        CpuContext* c = cpu.C;
        ulong expected = ((ulong)(uint)c->Gpr[2] << 32) | (uint)c->Gpr[0];
        ulong desired = ((ulong)(uint)c->Gpr[1] << 32) | (uint)c->Gpr[3];
        if (!Operands.Linear(cpu, instruction, 8, write: true, out ulong linear)
            || !Update.Memory<ulong, ReplaceIfPair>(cpu, linear, instruction.HasLockPrefix, desired, 0, out ulong old))
            return StepResult.Fault;
        if (old != expected)
        {
            c->Gpr[0] = (uint)old;
            c->Gpr[2] = old >> 32;
        }

        SetZero(c, old == expected);
        return StepResult.Next;
    }

    private static StepResult CompareExchange16(TranslatorCpu cpu, in Instruction instruction)
    {
        CpuContext* c = cpu.C;
        if (!Operands.Linear(cpu, instruction, 16, write: true, out ulong linear))
            return StepResult.Fault;
        if ((linear & 15) != 0)
            return cpu.GeneralProtection();
        byte* host = cpu.Memory.Pin(linear, 16, out bool faulted);
        if (host == null && faulted)
            return StepResult.Fault;
        ulong expectedLow = c->Gpr[0];
        ulong expectedHigh = c->Gpr[2];
        ulong low = expectedLow;
        ulong high = expectedHigh;
        if (host != null && cpu.Machine.Wide.IsAvailable)
        {
            cpu.Machine.Wide.Exchange(host, ref low, ref high, c->Gpr[3], c->Gpr[1]);
        }
        else
        {
            lock (cpu.Machine.SplitAccess)
            {
                if (host != null)
                    ExchangeHalves((ulong*)host, expectedLow, expectedHigh, c->Gpr[3], c->Gpr[1], out low, out high);
                else if (!ExchangeDevice(cpu, linear, out low, out high))
                    return StepResult.Fault;
            }
        }

        bool equal = low == expectedLow && high == expectedHigh;
        if (!equal)
        {
            c->Gpr[0] = low;
            c->Gpr[2] = high;
        }

        SetZero(c, equal);
        return StepResult.Next;
    }

    private static void ExchangeHalves(ulong* at, ulong expectedLow, ulong expectedHigh, ulong desiredLow, ulong desiredHigh, out ulong low, out ulong high)
    {
        high = Volatile.Read(ref at[1]);
        low = Volatile.Read(ref at[0]);
        if (low != expectedLow || high != expectedHigh)
            return;
        low = Interlocked.CompareExchange(ref at[0], desiredLow, expectedLow);
        if (low != expectedLow)
            return;
        high = Interlocked.CompareExchange(ref at[1], desiredHigh, expectedHigh);
        if (high != expectedHigh)
            Interlocked.CompareExchange(ref at[0], expectedLow, desiredLow);
    }

    private static bool ExchangeDevice(TranslatorCpu cpu, ulong linear, out ulong low, out ulong high)
    {
        high = 0;
        if (!cpu.Memory.Read(linear, out low) || !cpu.Memory.Read(linear + 8, out high))
            return false;
        CpuContext* c = cpu.C;
        bool equal = low == c->Gpr[0] && high == c->Gpr[2];
        return cpu.Memory.Write(linear, equal ? c->Gpr[3] : low) && cpu.Memory.Write(linear + 8, equal ? c->Gpr[1] : high);
    }

    private static void SetZero(CpuContext* c, bool zero)
        => Flags.SetArithmetic(c, (Flags.Arithmetic(c) & ~Bits.Zero) | (zero ? Bits.Zero : 0));

    private readonly struct ReplaceIfPair : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left == (((ulong)(uint)c->Gpr[2] << 32) | (uint)c->Gpr[0]) ? right : left;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            // The handler sets ZF after it has stored the pair.
        }
    }
}
