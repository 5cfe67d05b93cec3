using System.Runtime.Intrinsics.X86;

namespace Hospes.Engines.Translator.Native;

/// <summary>Instruction sets of the host that .NET has no question for (Intel SDM volume 2, CPUID).</summary>
internal static class HostFeatures
{
    internal static readonly bool HasMovbe = X86Base.IsSupported && (X86Base.CpuId(1, 0).Ecx & (1 << 22)) != 0;
    internal static readonly bool HasSha = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx & (1 << 29)) != 0;
    internal static readonly bool HasAdx = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx & (1 << 19)) != 0;
}
