using System.Text;

namespace Hospes.TestGuests;

/// <summary>
/// Makes guests of a few bytes: ELF files with the PHYS32_ENTRY note around machine code. At the entry a guest is in 32-bit protected mode, flat
/// segments, no paging, interrupts off, no stack, ebx = address of hvm_start_info (fact sheet "Guest ABI", section 1.2).
/// </summary>
/// <example>
/// <code>
/// File.WriteAllBytes(path, TinyKernel.FromCode([0xfa, 0xf4]));                     // cli; hlt: powers off at once
/// File.WriteAllBytes(path, TinyKernel.PrintAndHalt("hello\n"));                    // writes to port 0xe9, then powers off
/// File.WriteAllBytes(path, BzImage.Wrap(TinyKernel.FromCode(code)));               // the same inside a bzImage
/// </code>
/// </example>
public static class TinyKernel
{
    /// <summary>The port that <see cref="PrintAndHalt"/> writes to: the debug console of Bochs and QEMU, and of Xen's HVM guests.</summary>
    public const ushort DebugPort = 0xe9;

    private const byte OutImmediateByte = 0xe6;
    private const byte MovAlImmediate = 0xb0;
    private const byte Cli = 0xfa;
    private const byte Hlt = 0xf4;

    /// <summary>A kernel that runs <paramref name="code32"/> from its first byte.</summary>
    /// <param name="code32">32-bit machine code.</param>
    /// <param name="options">What the file looks like; null for an ELF32 file loaded at 1 MiB.</param>
    public static byte[] FromCode(ReadOnlySpan<byte> code32, TinyKernelOptions? options = null) =>
        new TinyElfWriter(options ?? new TinyKernelOptions()).Write(code32);

    /// <summary>A kernel that writes a text to port 0xe9, byte by byte, and then halts with interrupts off, which powers a PVH guest off.</summary>
    public static byte[] PrintAndHalt(string text, TinyKernelOptions? options = null) => FromCode(PrintAndHaltCode(text), options);

    /// <summary>The code of <see cref="PrintAndHalt"/>: <c>mov al, char; out 0xe9, al</c> for each byte, then <c>cli; hlt; jmp $-1</c>.</summary>
    public static byte[] PrintAndHaltCode(string text)
    {
        List<byte> code = [];
        foreach (byte character in Encoding.UTF8.GetBytes(text))
            code.AddRange([MovAlImmediate, character, OutImmediateByte, (byte)DebugPort]);

        // Back to the HLT, in case something (an NMI) ends it.
        code.AddRange([Cli, Hlt, 0xeb, 0xfd]);
        return [.. code];
    }
}
