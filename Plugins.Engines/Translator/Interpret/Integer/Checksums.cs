using System.Numerics;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>CRC32 (the Castagnoli polynomial). The destination has 32 bits of checksum whatever its size.</summary>
internal static unsafe class Checksums
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Crc32_r32_rm8, &Accumulate.Run<byte>);
        table.Set(Code.Crc32_r64_rm8, &Accumulate.Run<byte>);
        table.Set(Code.Crc32_r32_rm16, &Accumulate.Run<ushort>);
        table.Set(Code.Crc32_r32_rm32, &Accumulate.Run<uint>);
        table.Set(Code.Crc32_r64_rm64, &Accumulate.Run<ulong>);
    }

    private readonly struct Accumulate : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Sized.Read<T>(cpu, instruction, 1, out ulong data))
                return StepResult.Fault;
            ref ulong destination = ref cpu.C->Gpr[Registers.Index(instruction.Op0Register)];
            uint crc = (uint)destination;
            destination = sizeof(T) switch
            {
                1 => BitOperations.Crc32C(crc, (byte)data),
                2 => BitOperations.Crc32C(crc, (ushort)data),
                4 => BitOperations.Crc32C(crc, (uint)data),
                _ => BitOperations.Crc32C(crc, data),
            };
            return StepResult.Next;
        }
    }
}
