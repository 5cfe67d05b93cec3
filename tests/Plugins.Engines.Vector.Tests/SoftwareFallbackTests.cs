using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hospes.Engines.Translator.Interpret.Vector;

namespace Hospes.Engines.Vector.Tests;

/// <summary>What replaces the host's instructions where it lacks them: against those instructions, and against published vectors where it does.</summary>
public sealed class SoftwareFallbackTests
{
    [Fact]
    public void A_cipher_round_is_fips_197s()
    {
        // FIPS 197, appendix B: the state after the initial key addition and after round 1 without and with its key.
        Vector128<byte> start = State("193de3bea0f4e22b9ac68d2ae9f84808");
        Vector128<byte> afterColumns = State("046681e5e0cb199a48f8d37a2806264c");
        AesRounds.Encrypt(start).Should().Be(afterColumns);
        AesRounds.EncryptLast(start).Should().Be(State("d4bf5d30e0b452aeb84111f11e2798e5"));
        AesRounds.DecryptLast(AesRounds.EncryptLast(start)).Should().Be(start);
        AesRounds.InverseMixColumns(afterColumns).Should().Be(AesRounds.EncryptLast(start));
    }

    [SkippableFact]
    public void Aes_rounds_are_the_hosts()
    {
        Skip.IfNot(Aes.IsSupported, "this processor has no AES instructions");
        var samples = new Samples(1);
        for (int i = 0; i < 1000; i++)
        {
            Vector128<byte> state = Vector128.Create(samples.Bits(), samples.Bits()).AsByte();
            AesRounds.Encrypt(state).Should().Be(Aes.Encrypt(state, default));
            AesRounds.EncryptLast(state).Should().Be(Aes.EncryptLast(state, default));
            AesRounds.Decrypt(state).Should().Be(Aes.Decrypt(state, default));
            AesRounds.DecryptLast(state).Should().Be(Aes.DecryptLast(state, default));
            AesRounds.InverseMixColumns(state).Should().Be(Aes.InverseMixColumns(state));
            AesRounds.KeyAssist(state).Should().Be(Aes.KeygenAssist(state, 0));
        }
    }

    [SkippableFact]
    public void Carryless_products_are_the_hosts()
    {
        Skip.IfNot(Pclmulqdq.IsSupported, "this processor has no PCLMULQDQ");
        var samples = new Samples(2);
        for (int i = 0; i < 1000; i++)
        {
            ulong a = samples.Quadword();
            ulong b = samples.Bits();
            Vector128<ulong> expected = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(a), Vector128.CreateScalar(b), 0);
            UInt128 product = CarrylessMultiply.Multiply(a, b);
            ((ulong)product).Should().Be(expected.GetElement(0));
            ((ulong)(product >> 64)).Should().Be(expected.GetElement(1));
        }
    }

    private static Vector128<byte> State(string hexadecimal) => Vector128.Create(Convert.FromHexString(hexadecimal));
}
