using System.Globalization;
using System.Text;
using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>
/// x87's transcendental instructions against this machine's processor. Results may differ by a unit in the last place, as between processors, and
/// with them C1 (the direction of rounding); special operands and everything else must agree.
/// </summary>
public sealed unsafe class TranscendentalHostTests : IDisposable
{
    private const ushort Conditions1 = 0x200;
    private readonly HostProcessor _host = new();

    public static TheoryData<string> Codes => [.. new[] { "Fsin", "Fcos", "Fsincos", "Fptan", "Fpatan", "F2xm1", "Fyl2x", "Fyl2xp1" }];

    [SkippableTheory]
    [MemberData(nameof(Codes))]
    public void Is_within_a_unit_in_the_last_place_of_the_host(string name)
    {
        Skip.IfNot(_host.IsAvailable, "this system gives no executable memory");
        Code code = Enum.Parse<Code>(name);
        using var guest = new GuestProcessor(_host.DataAddress);
        byte[] bytes = _host.Prepare(new Instruction { Code = code });
        var samples = new Samples(name.Length);
        var report = new StringBuilder();
        int failures = 0;
        for (int i = 0; i < HostFeatures.Runs * 100 && failures < 6; i++)
        {
            ProcessorState before = default;
            *(uint*)(before.Fx + 24) = 0x1f80;
            before.Registers[7] = _host.DataAddress;
            before.Flags = 0x202;
            FpuHostTests.RandomUnit(samples, ref before);
            Tame(code, samples, ref before);
            ProcessorState expected = before;
            ProcessorState actual = before;
            _host.Run(ref expected);
            guest.Run(ref actual, bytes);
            string difference = Difference(expected, actual);
            if (difference.Length == 0)
                continue;
            failures++;
            report.AppendLine(CultureInfo.InvariantCulture, $"fcw {*(ushort*)before.Fx:x} fsw {*(ushort*)(before.Fx + 2):x} tags {before.Fx[4]:x} st0 {Value(before, 0)} st1 {Value(before, 1)}: {difference}");
        }

        report.ToString().Should().BeEmpty();
    }

    public void Dispose() => _host.Dispose();

    /// <summary>Where a function is undefined, or the host's own argument reduction runs out of pi, there is nothing to compare.</summary>
    private static void Tame(Code code, Samples samples, ref ProcessorState state)
    {
        fixed (byte* fx = state.Fx)
        {
            ushort* exponent = (ushort*)(fx + 40);
            int magnitude = *exponent & 0x7fff;
            switch (code)
            {
                case Code.F2xm1 when magnitude is > 0x3fff and < 0x7fff:
                    *exponent = (ushort)((*exponent & 0x8000) | (0x3fff - samples.Next(70)));
                    break;
                case Code.Fyl2xp1 when magnitude is > 0x3ffc and < 0x7fff:
                    *exponent = (ushort)((*exponent & 0x8000) | (0x3ffc - samples.Next(70)));
                    break;
                case Code.Fsin or Code.Fcos or Code.Fsincos or Code.Fptan when magnitude is > 0x3ffe and < 0x403e:
                    *exponent = (ushort)((*exponent & 0x8000) | (0x3ffe - samples.Next(70)));
                    break;
            }
        }
    }

    private static string Difference(in ProcessorState expected, in ProcessorState actual)
    {
        var text = new StringBuilder();
        fixed (ProcessorState* e = &expected, a = &actual)
        {
            ushort expectedStatus = *(ushort*)(e->Fx + 2);
            ushort actualStatus = *(ushort*)(a->Fx + 2);
            if (((expectedStatus ^ actualStatus) & ~Conditions1) != 0 || *(ushort*)e->Fx != *(ushort*)a->Fx || e->Fx[4] != a->Fx[4])
            {
                text.Append(
                    CultureInfo.InvariantCulture, $" fsw expected {expectedStatus:x} actual {actualStatus:x} tags expected {e->Fx[4]:x} actual {a->Fx[4]:x}");
            }

            for (int i = 0; i < 8; i++)
            {
                if (!AreNear(*(UInt128*)(e->Fx + 32 + (i * 16)), *(UInt128*)(a->Fx + 32 + (i * 16))))
                    text.Append(CultureInfo.InvariantCulture, $" st{i} expected {Value(expected, i)} actual {Value(actual, i)}");
            }
        }

        return text.ToString();
    }

    private static string Value(in ProcessorState state, int index)
    {
        fixed (byte* fx = state.Fx)
            return $"{*(ushort*)(fx + 40 + (index * 16)):X4} {*(ulong*)(fx + 32 + (index * 16)):X16}";
    }

    /// <summary>Neighbours in the order of encodings without the integer bit.</summary>
    private static bool AreNear(UInt128 a, UInt128 b)
    {
        if (a == b)
            return true;
        UInt128 left = ((UInt128)(ushort)(a >> 64) << 63) | ((ulong)a & long.MaxValue);
        UInt128 right = ((UInt128)(ushort)(b >> 64) << 63) | ((ulong)b & long.MaxValue);
        return (left > right ? left - right : right - left) <= 1;
    }
}
