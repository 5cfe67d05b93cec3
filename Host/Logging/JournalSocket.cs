using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Hospes.Host.Logging;

/// <summary>
/// Writes entries to systemd's journal with fields (systemd.journal-fields(7), JOURNAL_NATIVE_PROTOCOL): whoever looks for one domain's finds them by
/// <c>journalctl HOSPES_DOMAIN=web</c>. A value of several lines goes with its length before it.
/// </summary>
internal sealed partial class JournalSocket : IDisposable
{
    /// <summary>Where the journal listens.</summary>
    public const string DefaultPath = "/run/systemd/journal/socket";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _journal;

    private JournalSocket(string path) => _journal = new UnixDomainSocketEndPoint(path);

    /// <summary>The journal, or null where there is none.</summary>
    public static JournalSocket? TryOpen(string path = DefaultPath) => File.Exists(path) ? new JournalSocket(path) : null;

    /// <summary>Writes an entry. False: the journal did not take it.</summary>
    public bool TryWrite(int priority, string module, int line, string text)
    {
        using MemoryStream entry = new();
        Append(entry, "MESSAGE", text);
        Append(entry, "PRIORITY", priority.ToString(CultureInfo.InvariantCulture));
        Append(entry, "SYSLOG_IDENTIFIER", "xend");
        Append(entry, "CODE_LINE", line.ToString(CultureInfo.InvariantCulture));
        Append(entry, "HOSPES_MODULE", module);
        if (Domain().Match(text) is { Success: true } domain)
        {
            Append(entry, "HOSPES_DOMAIN", domain.Groups[1].Value);
            Append(entry, "HOSPES_DOMID", domain.Groups[2].Value);
        }

        try
        {
            return _socket.SendTo(entry.GetBuffer().AsSpan(0, (int)entry.Length), _journal) > 0;
        }
        catch (SocketException)
        {
            return false; // gone, or an entry that is too long for a datagram
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void Append(MemoryStream entry, string name, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        entry.Write(Encoding.ASCII.GetBytes(name));
        if (value.Contains('\n', StringComparison.Ordinal))
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
            entry.WriteByte((byte)'\n');
            entry.Write(length);
        }
        else
        {
            entry.WriteByte((byte)'=');
        }

        entry.Write(bytes);
        entry.WriteByte((byte)'\n');
    }

    // As ManagedDomain.ToString has it: domain web (3).
    [GeneratedRegex(@"\bdomain ([A-Za-z0-9_\-.:/+]+) \((\d+)\)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Domain();
}
