using Iced.Intel;

namespace Hospes.Engines.Translator.State;

/// <summary>General registers by their decoder names. Ah, Ch, Dh, Bh are the second bytes of the first four.</summary>
internal static unsafe class Registers
{
    /// <summary>Index 0-15 of the general register that a name is part of.</summary>
    internal static int Index(Register register) => register switch
    {
        >= Register.RAX and <= Register.R15 => register - Register.RAX,
        >= Register.EAX and <= Register.R15D => register - Register.EAX,
        >= Register.AX and <= Register.R15W => register - Register.AX,
        >= Register.AL and <= Register.BL => register - Register.AL,
        >= Register.AH and <= Register.BH => register - Register.AH,
        >= Register.SPL and <= Register.R15L => register - Register.SPL + 4,
        _ => throw new ArgumentOutOfRangeException(nameof(register), register, "not a general register"),
    };

    /// <summary>Width of a general register in bytes.</summary>
    internal static int Size(Register register) => register switch
    {
        >= Register.RAX and <= Register.R15 => 8,
        >= Register.EAX and <= Register.R15D => 4,
        >= Register.AX and <= Register.R15W => 2,
        _ => 1,
    };

    /// <summary>The value, zero-extended.</summary>
    internal static ulong Read(CpuContext* c, Register register) => register switch
    {
        >= Register.RAX and <= Register.R15 => c->Gpr[register - Register.RAX],
        >= Register.EAX and <= Register.R15D => (uint)c->Gpr[register - Register.EAX],
        >= Register.AX and <= Register.R15W => (ushort)c->Gpr[register - Register.AX],
        >= Register.AH and <= Register.BH => (byte)(c->Gpr[register - Register.AH] >> 8),
        >= Register.AL and <= Register.BL => (byte)c->Gpr[register - Register.AL],
        _ => (byte)c->Gpr[Index(register)],
    };

    /// <summary>Stores the low bytes of a value; a 32-bit write clears the upper half, narrower ones keep the rest.</summary>
    internal static void Write(CpuContext* c, Register register, ulong value)
    {
        switch (register)
        {
            case >= Register.RAX and <= Register.R15:
                c->Gpr[register - Register.RAX] = value;
                break;
            case >= Register.EAX and <= Register.R15D:
                c->Gpr[register - Register.EAX] = (uint)value;
                break;
            case >= Register.AX and <= Register.R15W:
                *(ushort*)&c->Gpr[register - Register.AX] = (ushort)value;
                break;
            case >= Register.AH and <= Register.BH:
                ((byte*)&c->Gpr[register - Register.AH])[1] = (byte)value;
                break;
            default:
                *(byte*)&c->Gpr[Index(register)] = (byte)value;
                break;
        }
    }

    /// <summary>Address of the 16 (32) bytes of a vector register xmm0-15.</summary>
    internal static byte* Vector(CpuContext* c, Register register) => &c->Vector[(register - Register.XMM0) * 32];
}
