using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>AES-NI. The host's instructions where it has them, else <see cref="AesRounds"/>.</summary>
internal static unsafe class AesInstructions
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Aesenc_xmm_xmmm128, &XmmHandlers.Binary<Encrypt>);
        table.Set(Code.Aesenclast_xmm_xmmm128, &XmmHandlers.Binary<EncryptLast>);
        table.Set(Code.Aesdec_xmm_xmmm128, &XmmHandlers.Binary<Decrypt>);
        table.Set(Code.Aesdeclast_xmm_xmmm128, &XmmHandlers.Binary<DecryptLast>);
        table.Set(Code.Aesimc_xmm_xmmm128, &XmmHandlers.Binary<InverseMix>);
        table.Set(Code.Aeskeygenassist_xmm_xmmm128_imm8, &XmmHandlers.Immediate<KeyAssist>);
    }

    private readonly struct Encrypt : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Aes.IsSupported ? Aes.Encrypt(destination, source) : AesRounds.Encrypt(destination) ^ source;
    }

    private readonly struct EncryptLast : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Aes.IsSupported ? Aes.EncryptLast(destination, source) : AesRounds.EncryptLast(destination) ^ source;
    }

    private readonly struct Decrypt : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Aes.IsSupported ? Aes.Decrypt(destination, source) : AesRounds.Decrypt(destination) ^ source;
    }

    private readonly struct DecryptLast : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Aes.IsSupported ? Aes.DecryptLast(destination, source) : AesRounds.DecryptLast(destination) ^ source;
    }

    private readonly struct InverseMix : IBinaryOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source)
            => Aes.IsSupported ? Aes.InverseMixColumns(source) : AesRounds.InverseMixColumns(source);
    }

    /// <summary>AESKEYGENASSIST: the host's form wants a constant, so that it serves with zero and the round constant is added here.</summary>
    private readonly struct KeyAssist : IImmediateOperation
    {
        public static Vector128<byte> Apply(Vector128<byte> destination, Vector128<byte> source, byte immediate)
            => (Aes.IsSupported ? Aes.KeygenAssist(source, 0) : AesRounds.KeyAssist(source))
                ^ Vector128.Create(0u, immediate, 0, immediate).AsByte();
    }
}
