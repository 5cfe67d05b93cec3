using System.Runtime.Intrinsics;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>SHA extensions (SDM volume 2, SHA1RNDS4 and following; the functions are FIPS 180-4's). Words are numbered from the
/// lowest. The SDM counts their memory operands among those that must be aligned; AMD's processors take them as they come, and so does this.</summary>
internal static unsafe class ShaInstructions
{
    private static readonly uint[] Sha1Constants = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Sha1nexte_xmm_xmmm128, &XmmHandlers.Unaligned<Sha1NextE>);
        table.Set(Code.Sha1msg1_xmm_xmmm128, &XmmHandlers.Unaligned<Sha1Message1>);
        table.Set(Code.Sha1msg2_xmm_xmmm128, &XmmHandlers.Unaligned<Sha1Message2>);
        table.Set(Code.Sha1rnds4_xmm_xmmm128_imm8, &XmmHandlers.ImmediateUnaligned<Sha1Rounds>);
        table.Set(Code.Sha256msg1_xmm_xmmm128, &XmmHandlers.Unaligned<Sha256Message1>);
        table.Set(Code.Sha256msg2_xmm_xmmm128, &XmmHandlers.Unaligned<Sha256Message2>);
        table.Set(Code.Sha256rnds2_xmm_xmmm128, &Sha256Rounds);
    }

    private readonly struct Sha1NextE : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
        {
            uint next = uint.RotateLeft(destination.AsUInt32().GetElement(3), 30);
            return source.AsUInt32().WithElement(3, source.AsUInt32().GetElement(3) + next).AsByte();
        }
    }

    private readonly struct Sha1Message1 : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => destination ^ Vector128.Create(source.AsUInt64().GetElement(1), destination.AsUInt64().GetElement(0)).AsByte();
    }

    private readonly struct Sha1Message2 : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
        {
            Vector128<uint> d = destination.AsUInt32();
            Vector128<uint> s = source.AsUInt32();
            uint w16 = uint.RotateLeft(d.GetElement(3) ^ s.GetElement(2), 1);
            uint w17 = uint.RotateLeft(d.GetElement(2) ^ s.GetElement(1), 1);
            uint w18 = uint.RotateLeft(d.GetElement(1) ^ s.GetElement(0), 1);
            uint w19 = uint.RotateLeft(d.GetElement(0) ^ w16, 1);
            return Vector128.Create(w19, w18, w17, w16).AsByte();
        }
    }

    private readonly struct Sha1Rounds : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
        {
            Vector128<uint> state = destination.AsUInt32();
            uint a = state.GetElement(3);
            uint b = state.GetElement(2);
            uint c = state.GetElement(1);
            uint d = state.GetElement(0);
            uint e = 0;
            int kind = immediate & 3;
            for (int round = 0; round < 4; round++)
            {
                uint mixed = kind switch
                {
                    0 => (b & c) ^ (~b & d),
                    2 => (b & c) ^ (b & d) ^ (c & d),
                    _ => b ^ c ^ d,
                };
                uint next = mixed + uint.RotateLeft(a, 5) + ((uint*)&source)[3 - round] + e + Sha1Constants[kind];
                (e, d, c, b, a) = (d, c, uint.RotateLeft(b, 30), a, next);
            }

            return Vector128.Create(d, c, b, a).AsByte();
        }
    }

    private readonly struct Sha256Message1 : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
        {
            Vector128<uint> d = destination.AsUInt32();
            Vector128<uint> next = Vector128.Create(d.GetElement(1), d.GetElement(2), d.GetElement(3), source.AsUInt32().GetElement(0));
            Vector128<uint> sigma = Rotate(next, 7) ^ Rotate(next, 18) ^ (next >>> 3);
            return (d + sigma).AsByte();
        }

        private static Vector128<uint> Rotate(Vector128<uint> value, int count) => (value >>> count) | (value << (32 - count));
    }

    private readonly struct Sha256Message2 : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
        {
            Vector128<uint> d = destination.AsUInt32();
            uint w16 = d.GetElement(0) + Sigma(source.AsUInt32().GetElement(2));
            uint w17 = d.GetElement(1) + Sigma(source.AsUInt32().GetElement(3));
            return Vector128.Create(w16, w17, d.GetElement(2) + Sigma(w16), d.GetElement(3) + Sigma(w17)).AsByte();
        }

        private static uint Sigma(uint value) => uint.RotateRight(value, 17) ^ uint.RotateRight(value, 19) ^ (value >> 10);
    }

    /// <summary>SHA256RNDS2: two rounds; the message words plus constants are in xmm0.</summary>
    private static StepResult Sha256Rounds(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadUnaligned(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        uint* destination = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        uint* s = (uint*)&source;
        uint* words = (uint*)cpu.C->Vector;
        uint a = s[3];
        uint b = s[2];
        uint e = s[1];
        uint f = s[0];
        uint c = destination[3];
        uint d = destination[2];
        uint g = destination[1];
        uint h = destination[0];
        for (int round = 0; round < 2; round++)
        {
            uint choice = (e & f) ^ (~e & g);
            uint majority = (a & b) ^ (a & c) ^ (b & c);
            uint sum1 = uint.RotateRight(e, 6) ^ uint.RotateRight(e, 11) ^ uint.RotateRight(e, 25);
            uint sum0 = uint.RotateRight(a, 2) ^ uint.RotateRight(a, 13) ^ uint.RotateRight(a, 22);
            uint first = choice + sum1 + words[round] + h;
            (h, g, f, e, d, c, b, a) = (g, f, e, first + d, c, b, a, first + majority + sum0);
        }

        Vector128<uint> result = Vector128.Create(f, e, b, a);
        *(Vector128<uint>*)destination = result;
        return StepResult.Next;
    }
}
