using Hospes.Engines.Translator.Interpret;
using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>
/// Every x87 form whose result the manuals fix to the last bit against this machine's processor: random registers, tags, rounding, precision, masks. An
/// unmasked exception is safe here: it is reported by the next waiting instruction, and the rig executes none.
/// </summary>
public sealed unsafe class FpuHostTests : IDisposable
{
    private const uint ArithmeticFlags = 0x8d5;
    private readonly HostComparison _comparison = new();

    public static TheoryData<string> Codes()
    {
        var data = new TheoryData<string>();
        foreach (Code code in Enum.GetValues<Code>())
        {
            OpCodeInfo info = code.ToOpCode();
            if (info.Encoding == EncodingKind.Legacy && info.IsInstruction && info.Mode64 && HandlerTable.Instance[code] != null
                && code.CpuidFeatures().Any(IsFpu) && !IsElsewhere(code))
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
        string report = _comparison.Compare(code, memory: true, HostFeatures.Runs, seed: name.Length, RandomUnit, ArithmeticFlags, out int done);
        report.Should().BeEmpty();
        report = _comparison.Compare(code, memory: false, HostFeatures.Runs, seed: name.Length, RandomUnit, ArithmeticFlags, out int alsoDone);
        report.Should().BeEmpty();
        (done + alsoDone).Should().BePositive();
    }

    public void Dispose() => _comparison.Dispose();

    internal static void RandomUnit(Samples samples, ref ProcessorState state)
    {
        fixed (ProcessorState* s = &state)
        {
            int masks = samples.Next(3) == 0 ? samples.Next(64) : 0x3f;
            int precision = samples.Next(2) == 0 ? 3 : samples.Next(4);
            int rounding = samples.Next(2) == 0 ? 0 : samples.Next(4);
            *(ushort*)s->Fx = (ushort)(0x40 | masks | (precision << 8) | (rounding << 10));

            // No exception may be pending already, or the instruction itself would report it.
            int flags = samples.Next(0x80) & (masks | 0x40);
            *(ushort*)(s->Fx + 2) = (ushort)(flags | (samples.Next(8) << 8) | (samples.Next(2) << 14) | (samples.Next(8) << 11));
            s->Fx[4] = samples.Next(3) switch
            {
                0 => 0xff,
                1 => (byte)samples.Bits(),
                _ => (byte)(samples.Bits() | samples.Bits()),
            };
            for (int i = 0; i < 8; i++)
            {
                (ushort signExponent, ulong significand) = samples.Extended();
                *(ulong*)(s->Fx + 32 + (i * 16)) = significand;
                *(ushort*)(s->Fx + 40 + (i * 16)) = signExponent;
            }

            // Now and then registers that are close to each other, for cancellation and quotients near one.
            if (samples.Next(4) == 0)
            {
                *(ulong*)(s->Fx + 48) = *(ulong*)(s->Fx + 32) ^ (samples.Bits() & samples.Bits() & 0x3ff);
                *(ushort*)(s->Fx + 56) = (ushort)(*(ushort*)(s->Fx + 40) ^ samples.Pick<ushort>([0, 0, 1, 0x8000]));
            }

            for (int i = 0; i < ProcessorState.MemorySize; i += 16)
            {
                switch (samples.Next(4))
                {
                    case 0:
                        (ushort signExponent, ulong significand) = samples.Extended();
                        *(ulong*)(s->Memory + i) = significand;
                        *(ushort*)(s->Memory + i + 8) = signExponent;
                        break;
                    case 1:
                        for (int digit = 0; digit < 10; digit++)
                            s->Memory[i + digit] = (byte)(samples.Next(10) | (samples.Next(10) << 4));
                        break;
                    default:
                        break;
                }
            }
        }
    }

    private static bool IsFpu(CpuidFeature feature) => feature is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387;

    /// <summary>Images hold addresses of this process; transcendental results may differ in the last place; the waiting pairs are two instructions.</summary>
    private static bool IsElsewhere(Code code) => code.Mnemonic() is Mnemonic.Fldenv or Mnemonic.Fnstenv or Mnemonic.Fstenv or Mnemonic.Fnsave
        or Mnemonic.Fsave or Mnemonic.Frstor or Mnemonic.Fstcw or Mnemonic.Fstsw or Mnemonic.Fclex or Mnemonic.Finit or Mnemonic.Feni or Mnemonic.Fdisi
        or Mnemonic.Fsetpm or Mnemonic.Fsin or Mnemonic.Fcos or Mnemonic.Fsincos or Mnemonic.Fptan or Mnemonic.Fpatan or Mnemonic.F2xm1
        or Mnemonic.Fyl2x or Mnemonic.Fyl2xp1;
}
