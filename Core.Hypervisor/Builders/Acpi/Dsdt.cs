using System.Text;

namespace Hospes.Hypervisor.Builders.Acpi;

/// <summary>
/// The definition block: <c>Scope (_SB) { Processor (PR00, 0, 0, 0) {} ... }</c> in AML (ACPI 5.0, chapter 20). Deliberately no <c>\_S5</c>: without it
/// a guest powers off by halting all vCPUs (fact sheet "Guest ABI", section 1.6).
/// </summary>
/// <remarks>
/// One vCPU is <c>10 12 5f 53 42 5f 5b 83 0b 50 52 30 30 00 00 00 00 00 00</c>: ScopeOp, length, "_SB_", ProcessorOp, length, "PR00", processor id,
/// block address (4 bytes), block length. Lengths count themselves.
/// </remarks>
internal static class Dsdt
{
    private const byte ScopeOp = 0x10;
    private const byte ExtendedOpPrefix = 0x5b;
    private const byte ProcessorOp = 0x83;

    /// <summary>The table for <paramref name="vcpus"/> vCPUs.</summary>
    public static byte[] Build(int vcpus)
    {
        List<byte> scope = [.. "_SB_"u8];
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            scope.AddRange([ExtendedOpPrefix, ProcessorOp]);
            scope.AddRange(WithLength([.. Encoding.ASCII.GetBytes($"PR{vcpu:X2}"), (byte)vcpu, 0, 0, 0, 0, 0]));
        }

        List<byte> table = [.. new byte[AcpiTable.HeaderSize], ScopeOp, .. WithLength(scope)];

        // Revision 2: integers are 64 bits wide.
        return AcpiTable.Finish([.. table], "DSDT", revision: 2);
    }

    // PkgLength (section 20.2.4): below 64 in one byte; else the low four bits in the first byte, which counts the bytes that follow it in its top two.
    private static List<byte> WithLength(List<byte> content)
    {
        if (content.Count + 1 < 0x40)
            return [(byte)(content.Count + 1), .. content];
        int length = content.Count + 2;
        return length < 0x1000
            ? [(byte)(0x40 | (length & 0xf)), (byte)(length >> 4), .. content]
            : throw new ArgumentException("an AML package of 4096 bytes or more", nameof(content));
    }
}
