using System.Runtime.InteropServices;
using System.Text;
using Hospes.Engines.Translator.Native;
using Hospes.Engines.Translator.State;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>
/// What the translator offers in CPUID (Intel SDM volume 2, CPUID): exactly what it executes. It calls itself an in-order processor of family 6,
/// model 0x1c: a guest then spends nothing on defences against speculation, which would not help it here (docs/translator.md).
/// </summary>
internal static unsafe class CpuidModel
{
    private const uint HighestBasic = 0xd;
    private const uint HighestExtended = 0x8000_0008;
    private const string Brand = "Hospes translated x86-64 processor";

    internal static CpuidRegisters Leaf(uint leaf, uint subleaf, TranslatorCpu cpu) => leaf switch
    {
        0 => new CpuidRegisters(HighestBasic, Text("Genu"), Text("ntel"), Text("ineI")),
        1 => new CpuidRegisters(Signature, 0x0000_0800, FeaturesEcx(cpu.C), FeaturesEdx),
        2 => new CpuidRegisters(0x01, 0, 0, 0),
        7 when subleaf == 0 => new CpuidRegisters(0, StructuredEbx, StructuredEcx, StructuredEdx),
        0x8000_0000 => new CpuidRegisters(HighestExtended, 0, 0, 0),
        0x8000_0001 => new CpuidRegisters(0, 0, ExtendedEcx, ExtendedEdx),
        >= 0x8000_0002 and <= 0x8000_0004 => BrandPart((int)(leaf - 0x8000_0002) * 16),
        0x8000_0007 => new CpuidRegisters(0, 0, 0, 1 << 8), // invariant TSC
        0x8000_0008 => new CpuidRegisters((uint)(cpu.Machine.Memory.PhysicalAddressBits | (48 << 8)), 0, 0, 0),
        _ => default,
    };

    /// <summary>Family 6, model 0x1c, stepping 10.</summary>
    private const uint Signature = 0x000106ca;

    // FPU, DE, PSE, TSC, MSR, PAE, CX8, APIC, SEP, PGE, CMOV, PAT, PSE36, CLFSH, MMX, FXSR, SSE, SSE2
    private const uint FeaturesEdx = (1u << 0) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 8) | (1 << 9) | (1 << 11)
        | (1 << 13) | (1 << 15) | (1 << 16) | (1 << 17) | (1 << 19) | (1 << 23) | (1 << 24) | (1 << 25) | (1 << 26);

    // SSE3, PCLMULQDQ, SSSE3, CX16, PCID, SSE4.1, SSE4.2, x2APIC, MOVBE, POPCNT, AES, RDRAND
    private static uint FeaturesEcx(CpuContext* c) => (1u << 0) | (1 << 1) | (1 << 9) | (1 << 13) | (1 << 17) | (1 << 19) | (1 << 20) | (1 << 21) | (1 << 22)
        | (1 << 23) | (1 << 25) | (1 << 30);

    // FSGSBASE, BMI1, x87 data pointer only for exceptions, SMEP, BMI2, ERMS, INVPCID, RDSEED, ADX, SMAP; SHA where the host runs it, as programs have better ways than an interpreted one.
    private static readonly uint StructuredEbx = (HostFeatures.HasSha ? 1u << 29 : 0) | (1u << 0) | (1 << 3) | (1 << 6) | (1 << 7) | (1 << 8) | (1 << 9) | (1 << 10) | (1 << 18) | (1 << 19) | (1 << 20);

    // RDPID
    private const uint StructuredEcx = 1u << 22;

    // SERIALIZE
    private const uint StructuredEdx = 1u << 14;

    // LAHF in 64-bit mode, LZCNT
    private const uint ExtendedEcx = (1u << 0) | (1 << 5);

    // SYSCALL, NX, 1 GiB pages, RDTSCP, long mode
    private const uint ExtendedEdx = (1u << 11) | (1 << 20) | (1 << 26) | (1 << 27) | (1 << 29);

    private static uint Text(string four) => MemoryMarshal.Read<uint>(Encoding.ASCII.GetBytes(four));

    private static CpuidRegisters BrandPart(int offset)
    {
        Span<byte> text = stackalloc byte[48];
        text.Clear();
        Encoding.ASCII.GetBytes(Brand, text);
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(text[offset..(offset + 16)]);
        return new CpuidRegisters(words[0], words[1], words[2], words[3]);
    }
}
