using Hospes.Engines.Translator.Interpret;
using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>Every SSE and MMX form against this machine's processor, on random operands.</summary>
public sealed unsafe class VectorHostTests : IDisposable
{
    private const uint ArithmeticFlags = 0x8d5;
    private readonly HostComparison _comparison = new();

    /// <summary>Forms of these extensions, legacy encoding, that the interpreter handles and the rig can encode.</summary>
    public static TheoryData<string> Codes()
    {
        var data = new TheoryData<string>();
        foreach (Code code in Enum.GetValues<Code>())
        {
            OpCodeInfo info = code.ToOpCode();
            if (info.Encoding == EncodingKind.Legacy && info.IsInstruction && info.Mode64 && HandlerTable.Instance[code] != null
                && code.CpuidFeatures().Any(IsVector) && !IsControl(code))
                data.Add(code.ToString());
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Codes))]
    public void Agrees_with_the_host(string name)
    {
        Skip.IfNot(_comparison.IsAvailable, "this system gives no executable memory");
        Code code = Enum.Parse<Code>(name);
        Skip.If(code.CpuidFeatures().Contains(CpuidFeature.SHA) && !HostFeatures.Sha, "this processor has no SHA instructions");
        int total = 0;
        foreach (bool memory in (bool[])[false, true])
        {
            string report = _comparison.Compare(code, memory, HostFeatures.Runs, seed: name.Length, RandomMxcsr, ArithmeticFlags, out int done);
            report.Should().BeEmpty();
            total += done;
        }

        total.Should().BePositive();
    }

    [Fact]
    public void Every_form_of_the_offered_extensions_has_a_handler()
    {
        Code.Movaps_xmm_xmmm128.CpuidFeatures().Any(IsVector).Should().BeTrue();
        Enum.GetValues<Code>()
            .Where(code => code.ToOpCode() is { Encoding: EncodingKind.Legacy, IsInstruction: true } && code.CpuidFeatures().Any(IsVector)
                && code.Mnemonic() is not (Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Crc32)
                && !code.CpuidFeatures().Contains(CpuidFeature.FPU) && HandlerTable.Instance[code] == null)
            .Should().BeEmpty();
    }

    public void Dispose() => _comparison.Dispose();

    /// <summary>All exceptions masked (an unmasked one would end this process), the rest at random; mostly round to nearest.</summary>
    private static void RandomMxcsr(Samples samples, ref ProcessorState state)
    {
        uint mxcsr = 0x1f80 | (samples.Next(4) == 0 ? 0 : (uint)samples.Next(64));
        if (samples.Next(2) == 0)
            mxcsr |= (uint)samples.Next(4) << 13;
        if (samples.Next(3) == 0)
            mxcsr |= (uint)samples.Next(2) << 15;
        if (samples.Next(3) == 0)
            mxcsr |= (uint)samples.Next(2) << 6;
        fixed (byte* fx = state.Fx)
        {
            *(uint*)(fx + 24) = mxcsr;
            *(ushort*)(fx + 2) = (ushort)(samples.Next(8) << 11);
            fx[4] = (byte)samples.Bits();
        }
    }

    private static bool IsVector(CpuidFeature feature) => feature is CpuidFeature.MMX or CpuidFeature.SSE or CpuidFeature.SSE2 or CpuidFeature.SSE3
        or CpuidFeature.SSSE3 or CpuidFeature.SSE4_1 or CpuidFeature.SSE4_2 or CpuidFeature.AES or CpuidFeature.PCLMULQDQ or CpuidFeature.SHA;

    /// <summary>Forms whose operand decides over this process's own state, or that move no state at all: they have tests of their own.</summary>
    private static bool IsControl(Code code) => code.Mnemonic() is Mnemonic.Ldmxcsr or Mnemonic.Stmxcsr or Mnemonic.Mfence or Mnemonic.Lfence
        or Mnemonic.Sfence or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Crc32
        || code.CpuidFeatures().Contains(CpuidFeature.FPU);
}
