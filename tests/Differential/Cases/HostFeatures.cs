using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>Which of the decoder's instruction-set extensions the host has (Intel SDM volume 2, CPUID; AMD64 APM volume 3, appendix E).</summary>
internal static class HostFeatures
{
    /// <summary>The first extension that a form needs and the host lacks, or null.</summary>
    internal static string? Lacks(Code code)
    {
        foreach (CpuidFeature feature in code.CpuidFeatures())
        {
            (uint leaf, int register, int bit)? place = feature switch
            {
                CpuidFeature.SSE3 => (1, 2, 0),
                CpuidFeature.PCLMULQDQ => (1, 2, 1),
                CpuidFeature.SSSE3 => (1, 2, 9),
                CpuidFeature.CMPXCHG16B => (1, 2, 13),
                CpuidFeature.SSE4_1 => (1, 2, 19),
                CpuidFeature.SSE4_2 => (1, 2, 20),
                CpuidFeature.MOVBE => (1, 2, 22),
                CpuidFeature.POPCNT => (1, 2, 23),
                CpuidFeature.AES => (1, 2, 25),
                CpuidFeature.BMI1 => (7, 1, 3),
                CpuidFeature.BMI2 => (7, 1, 8),
                CpuidFeature.ADX => (7, 1, 19),
                CpuidFeature.CLFLUSHOPT => (7, 1, 23),
                CpuidFeature.CLWB => (7, 1, 24),
                CpuidFeature.SHA => (7, 1, 29),
                CpuidFeature.GFNI => (7, 2, 8),
                CpuidFeature.CLDEMOTE => (7, 2, 25),
                CpuidFeature.SERIALIZE => (7, 3, 14),
                CpuidFeature.MOVDIRI => (7, 2, 27),
                CpuidFeature.MOVDIR64B => (7, 2, 28),
                CpuidFeature.LZCNT => (0x8000_0001, 2, 5),
                CpuidFeature.SSE4A => (0x8000_0001, 2, 6),
                CpuidFeature.D3NOW => (0x8000_0001, 3, 31),
                CpuidFeature.D3NOWEXT => (0x8000_0001, 3, 30),
                _ => null,
            };
            if (place is not (uint leafNumber, int output, int bitNumber))
                continue;
            (int a, int b, int c, int d) = X86Base.CpuId((int)leafNumber, 0);
            int word = output switch
            {
                0 => a,
                1 => b,
                2 => c,
                _ => d,
            };
            if (((word >> bitNumber) & 1) == 0)
                return feature.ToString();
        }

        return null;
    }
}
