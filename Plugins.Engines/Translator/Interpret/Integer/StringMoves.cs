using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// MOVS, STOS and LODS. A repetition that goes up is done page by page on host memory; anything irregular (device space, page-crossing elements, going
/// down) one element at a time. Registers always tell how far it got, so a fault or an interrupt restarts at the right element.
/// </summary>
/// <remarks>
/// Safe because a chunk is pinned for exactly the bytes that it touches, inside one page. Two pages of a guest may show the same host memory, so
/// overlap is decided on host addresses: an overlapping copy goes element by element, upwards, as the architecture defines it.
/// </remarks>
internal static unsafe class StringMoves
{
    internal static void Register(HandlerTable table)
    {
        Forms.Bytes<Move>(table, Code.Movsb_m8_m8);
        Forms.Words<Move>(table, Code.Movsw_m16_m16);
        Forms.Bytes<Store>(table, Code.Stosb_m8_AL);
        Forms.Words<Store>(table, Code.Stosw_m16_AX);
        Forms.Bytes<Load>(table, Code.Lodsb_AL_m8);
        Forms.Words<Load>(table, Code.Lodsw_AX_m16);
    }

    private readonly struct Move : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            int size = Addressing.StringSize(instruction.Op0Kind);
            Register segment = instruction.MemorySegment;
            if (!StringState.IsRepeated(instruction))
                return One<T>(cpu, segment, size) ? StepResult.Next : StepResult.Fault;
            while (true)
            {
                ulong count = StringState.Get(c, StringState.Rcx, size);
                if (count == 0)
                    return StepResult.Next;
                ulong done = Chunk<T>(cpu, segment, count, size);
                if (done == 0)
                {
                    if (!One<T>(cpu, segment, size))
                        return StepResult.Fault;
                    done = 1;
                }

                StringState.Add(c, StringState.Rcx, -(long)done, size);
                if (done != count && StringState.MustPause(c))
                    return StringState.Pause(c);
            }
        }

        private static bool One<T>(TranslatorCpu cpu, Register segment, int size)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            if (!Operands.Linear(cpu, segment, StringState.Get(c, StringState.Rsi, size), sizeof(T), write: false, out ulong from)
                || !cpu.Memory.Read(from, out T value)
                || !Operands.Linear(cpu, Iced.Intel.Register.ES, StringState.Get(c, StringState.Rdi, size), sizeof(T), write: true, out ulong to)
                || !cpu.Memory.Write(to, value))
                return false;
            long step = StringState.Step<T>(c);
            StringState.Add(c, StringState.Rsi, step, size);
            StringState.Add(c, StringState.Rdi, step, size);
            return true;
        }

        /// <summary>Copies as many elements as lie in one page on either side; 0 when it must go by elements.</summary>
        private static ulong Chunk<T>(TranslatorCpu cpu, Register segment, ulong count, int size)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            if ((c->SystemFlags & (Bits.Direction | Bits.Trap)) != 0)
                return 0;
            ulong source = StringState.Get(c, StringState.Rsi, size);
            ulong destination = StringState.Get(c, StringState.Rdi, size);
            if (!Operands.Linear(cpu, segment, source, sizeof(T), write: false, out ulong from)
                || !Operands.Linear(cpu, Iced.Intel.Register.ES, destination, sizeof(T), write: true, out ulong to))
                return 0;
            ulong elements = StringState.InPage<T>(source, from, count, size);
            elements = StringState.InPage<T>(destination, to, elements, size);
            int bytes = (int)elements * sizeof(T);
            if (elements < 2
                || !Operands.Linear(cpu, segment, source, bytes, write: false, out _)
                || !Operands.Linear(cpu, Iced.Intel.Register.ES, destination, bytes, write: true, out _))
                return 0;
            byte* hostFrom = cpu.Memory.PinForRead(from, bytes, out _);
            byte* hostTo = hostFrom == null ? null : cpu.Memory.Pin(to, bytes, out _);
            if (hostTo == null)
                return 0;
            if (hostTo > hostFrom && hostTo < hostFrom + bytes)
            {
                for (ulong i = 0; i < elements; i++)
                    ((T*)hostTo)[i] = ((T*)hostFrom)[i];
            }
            else
            {
                Buffer.MemoryCopy(hostFrom, hostTo, bytes, bytes);
            }

            StringState.Add(c, StringState.Rsi, bytes, size);
            StringState.Add(c, StringState.Rdi, bytes, size);
            return elements;
        }
    }

    private readonly struct Store : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            int size = Addressing.StringSize(instruction.Op0Kind);
            if (!StringState.IsRepeated(instruction))
                return One<T>(cpu, size) ? StepResult.Next : StepResult.Fault;
            while (true)
            {
                ulong count = StringState.Get(c, StringState.Rcx, size);
                if (count == 0)
                    return StepResult.Next;
                ulong done = Chunk<T>(cpu, count, size);
                if (done == 0)
                {
                    if (!One<T>(cpu, size))
                        return StepResult.Fault;
                    done = 1;
                }

                StringState.Add(c, StringState.Rcx, -(long)done, size);
                if (done != count && StringState.MustPause(c))
                    return StringState.Pause(c);
            }
        }

        private static bool One<T>(TranslatorCpu cpu, int size)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            if (!Operands.Linear(cpu, Iced.Intel.Register.ES, StringState.Get(c, StringState.Rdi, size), sizeof(T), write: true, out ulong to)
                || !cpu.Memory.Write(to, Sized.From<T>(c->Gpr[0])))
                return false;
            StringState.Add(c, StringState.Rdi, StringState.Step<T>(c), size);
            return true;
        }

        private static ulong Chunk<T>(TranslatorCpu cpu, ulong count, int size)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            if ((c->SystemFlags & (Bits.Direction | Bits.Trap)) != 0)
                return 0;
            ulong destination = StringState.Get(c, StringState.Rdi, size);
            if (!Operands.Linear(cpu, Iced.Intel.Register.ES, destination, sizeof(T), write: true, out ulong to))
                return 0;
            ulong elements = StringState.InPage<T>(destination, to, count, size);
            int bytes = (int)elements * sizeof(T);
            if (elements < 2 || !Operands.Linear(cpu, Iced.Intel.Register.ES, destination, bytes, write: true, out _))
                return 0;
            byte* host = cpu.Memory.Pin(to, bytes, out _);
            if (host == null)
                return 0;
            new Span<T>(host, (int)elements).Fill(Sized.From<T>(c->Gpr[0]));
            StringState.Add(c, StringState.Rdi, bytes, size);
            return elements;
        }
    }

    private readonly struct Load : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            int size = Addressing.StringSize(instruction.Op1Kind);
            bool repeated = StringState.IsRepeated(instruction);
            while (true)
            {
                if (repeated && StringState.Get(c, StringState.Rcx, size) == 0)
                    return StepResult.Next;
                ulong source = StringState.Get(c, StringState.Rsi, size);
                if (!Operands.Linear(cpu, instruction.MemorySegment, source, sizeof(T), write: false, out ulong from)
                    || !Sized.ReadMemory<T>(cpu, from, out ulong value))
                    return StepResult.Fault;
                Sized.WriteGeneral<T>(c, 0, value);
                StringState.Add(c, StringState.Rsi, StringState.Step<T>(c), size);
                if (!repeated)
                    return StepResult.Next;
                StringState.Add(c, StringState.Rcx, -1, size);
                if (StringState.Get(c, StringState.Rcx, size) != 0 && StringState.MustPause(c))
                    return StringState.Pause(c);
            }
        }
    }
}
