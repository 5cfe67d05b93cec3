using System.Buffers.Binary;
using System.Text;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Tests.Builders;

/// <summary>Reads guest memory as a guest would.</summary>
internal static class GuestReader
{
    public static byte[] Bytes(this GuestMemory memory, ulong address, int count)
    {
        byte[] bytes = new byte[count];
        memory.TryRead(new GuestPhysical(address), bytes).Should().BeTrue($"the guest has memory at 0x{address:x}");
        return bytes;
    }

    public static uint UInt32(this GuestMemory memory, ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(memory.Bytes(address, 4));

    public static ulong UInt64(this GuestMemory memory, ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(memory.Bytes(address, 8));

    public static string Text(this GuestMemory memory, ulong address)
    {
        var text = new StringBuilder();
        for (byte value; (value = memory.Bytes(address, 1)[0]) != 0; address++)
            text.Append((char)value);
        return text.ToString();
    }
}
