using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Hospes.Linux.Networking.Native;

/// <summary>
/// A context of libnftables(3), the library that nft(8) is made of: takes commands in nft's language. It speaks with the namespace in which its thread
/// was when it was made. One thread at a time; contexts are made and used one after the other, as the library's parser keeps state of its own.
/// </summary>
internal sealed unsafe partial class NftablesContext : IDisposable
{
    private const string Library = "libnftables.so.1";
    private static readonly Lock Parser = new();

    private readonly nint _context;

    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    internal NftablesContext()
    {
        Parser.Enter();
        try
        {
            _context = New(0);
            if (_context == 0 || BufferOutput(_context) != 0 || BufferError(_context) != 0)
                throw new IOException("libnftables has no memory for a context");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Carries commands out, all or none. False: <see cref="Errors"/> says why.</summary>
    internal bool TryRun(string commands) => Run(_context, commands) == 0;

    /// <summary>What the commands printed.</summary>
    internal string Output => Utf8StringMarshaller.ConvertToManaged(GetOutput(_context)) ?? "";

    /// <summary>What was wrong with them.</summary>
    internal string Errors => Utf8StringMarshaller.ConvertToManaged(GetErrors(_context)) ?? "";

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_context != 0)
            Free(_context);
        Parser.Exit();
    }

    [LibraryImport(Library, EntryPoint = "nft_ctx_new")]
    private static partial nint New(uint flags);

    [LibraryImport(Library, EntryPoint = "nft_ctx_free")]
    private static partial void Free(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_output")]
    private static partial int BufferOutput(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_error")]
    private static partial int BufferError(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_output_buffer")]
    private static partial byte* GetOutput(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_error_buffer")]
    private static partial byte* GetErrors(nint context);

    [LibraryImport(Library, EntryPoint = "nft_run_cmd_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Run(nint context, string commands);
}
