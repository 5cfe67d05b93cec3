using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// The host's own CMPXCHG16B, which .NET does not offer: a few bytes of machine code in a page of their own. Atomic against every access that other
/// CPUs make to those 16 bytes.
/// </summary>
/// <remarks>
/// Safe because the page is written before it is made executable and never after, and the code touches nothing but the 16 bytes at its first argument
/// and the pair at its second. Where the host forbids executable memory <see cref="IsAvailable"/> is false and callers do without.
/// </remarks>
internal sealed unsafe partial class WideExchange : IDisposable
{
    private const int PageSize = 4096;
    private const int ProtectionRead = 1;
    private const int ProtectionWrite = 2;
    private const int ProtectionExecute = 4;
    private const int MapPrivateAnonymous = 0x22;

    // int exchange(void* at (rdi), Pair* expectedThenSeen (rsi), ulong desiredLow (rdx), ulong desiredHigh (rcx)), System V calling convention
    private static ReadOnlySpan<byte> Code =>
    [
        0x53,                           // push rbx, which the callee saves
        0x48, 0x89, 0xd3,               // mov rbx, rdx
        0x48, 0x8b, 0x06,               // mov rax, [rsi]
        0x48, 0x8b, 0x56, 0x08,         // mov rdx, [rsi + 8]
        0xf0, 0x48, 0x0f, 0xc7, 0x0f,   // lock cmpxchg16b [rdi]
        0x48, 0x89, 0x06,               // mov [rsi], rax
        0x48, 0x89, 0x56, 0x08,         // mov [rsi + 8], rdx
        0x0f, 0x94, 0xc0,               // sete al
        0x0f, 0xb6, 0xc0,               // movzx eax, al
        0x5b,                           // pop rbx
        0xc3,                           // ret
    ];

    private readonly byte* _page;

    internal WideExchange()
    {
        byte* page = Map(null, PageSize, ProtectionRead | ProtectionWrite, MapPrivateAnonymous, -1, 0);
        if ((nint)page == -1)
            return;
        Code.CopyTo(new Span<byte>(page, PageSize));
        if (Protect(page, PageSize, ProtectionRead | ProtectionExecute) == 0)
            _page = page;
        else
            Unmap(page, PageSize);
    }

    /// <summary>The host allows code made at run time.</summary>
    internal bool IsAvailable => _page != null;

    /// <summary>
    /// Replaces the 16 aligned bytes at <paramref name="at"/> if they are <paramref name="low"/> and <paramref name="high"/>; true when they were. Both
    /// become what was there.
    /// </summary>
    internal bool Exchange(byte* at, ref ulong low, ref ulong high, ulong desiredLow, ulong desiredHigh)
    {
        ulong* pair = stackalloc ulong[2] { low, high };
        int done = ((delegate* unmanaged[SuppressGCTransition]<byte*, ulong*, ulong, ulong, int>)_page)(at, pair, desiredLow, desiredHigh);
        (low, high) = (pair[0], pair[1]);
        return done != 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_page != null)
            Unmap(_page, PageSize);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(byte* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(byte* address, nuint length);
}
