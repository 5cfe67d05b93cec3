namespace Hospes.Sdk.Engines;

/// <summary>
/// A hypercall's registers (fact sheet "Guest ABI", section 2): number in (e/r)ax; arguments in rdi, rsi, rdx, r10, r8, r9 in 64-bit mode, else in
/// ebx, ecx, edx, esi, edi, ebp. The engine stores <see cref="Result"/> into rax (eax outside 64-bit mode) afterwards.
/// </summary>
public struct HypercallFrame
{
    /// <summary>The hypercall's number.</summary>
    public ulong Number;

    /// <summary>First argument.</summary>
    public ulong Argument1;

    /// <summary>Second argument.</summary>
    public ulong Argument2;

    /// <summary>Third argument.</summary>
    public ulong Argument3;

    /// <summary>Fourth argument.</summary>
    public ulong Argument4;

    /// <summary>Fifth argument.</summary>
    public ulong Argument5;

    /// <summary>Sixth argument.</summary>
    public ulong Argument6;

    /// <summary>Made in 64-bit mode: pointers and structures are the 64-bit ones.</summary>
    public bool Is64Bit;

    /// <summary>The caller's privilege level, 0 to 3.</summary>
    public int PrivilegeLevel;

    /// <summary>The caller takes no interrupts (EFLAGS.IF is 0): one that is pending does not end a wait of its.</summary>
    public bool InterruptsDisabled;

    /// <summary>The answer: zero or positive, or a negative Xen error number.</summary>
    public long Result;
}
