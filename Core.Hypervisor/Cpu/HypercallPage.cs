using System.Buffers.Binary;

namespace Hospes.Hypervisor.Cpu;

/// <summary>
/// The page a guest asks for through the hypercall MSR: 128 stubs of 32 bytes, stub n <c>mov eax,n; vmcall; ret</c>; stub 23 (iret) traps, for it means
/// nothing to these guests (fact sheet "Guest ABI", section 2). Engines trap VMCALL whatever the CPU's vendor.
/// </summary>
internal static class HypercallPage
{
    private const int StubSize = 32;
    private const int Iret = 23;
    private const byte Breakpoint = 0xcc;

    /// <summary>Writes the stubs into 4096 bytes.</summary>
    internal static void Fill(Span<byte> page)
    {
        page.Fill(Breakpoint);
        for (int number = 0; number * StubSize < page.Length; number++)
        {
            Span<byte> stub = page.Slice(number * StubSize, StubSize);
            if (number == Iret)
            {
                stub[0] = 0x0f;
                stub[1] = 0x0b;
                continue;
            }

            stub[0] = 0xb8;
            BinaryPrimitives.WriteInt32LittleEndian(stub[1..], number);
            stub[5] = 0x0f;
            stub[6] = 0x01;
            stub[7] = 0xc1;
            stub[8] = 0xc3;
        }
    }
}
