using System.Buffers.Binary;
using Hospes.Host.State;
using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Xenstore.Journal;

/// <summary>
/// Keeps the store in a file, so that a Host that comes back finds it as it was: the whole store as it was when the file was begun, then each commit. A
/// commit is in the file before anybody hears that it was made, so a Host that is killed loses none; after a power cut the store is as it was at some commit.
/// </summary>
/// <remarks>
/// <code>
/// "HOSPSTOR", u32 version, u64 the number of this opening      a record; each record: u32 length, u32 CRC-32C, the bytes
/// P / n0 ""  P /tool n0 "" ...                                 the whole store
/// P /local/domain/3/name n0,r3 "demo"                          a commit
/// R /local/domain/3                                            another
/// </code>
/// The file is written anew, beside the present one and put in its place in one step, at each opening and when it has grown.
/// </remarks>
internal sealed class StoreJournal : IDisposable
{
    /// <summary>Raised with every change that an older Host could not read.</summary>
    public const uint Version = 1;

    private const int IdentityRecord = 8 + 4 + 8;

    private readonly IStateFiles _files;
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly long _mostGrowth;
    private readonly TimeProvider _clock;
    private readonly ChangeWriter _writer = new();
    private IStateFile? _file;
    private long _length;
    private long _whole;
    private long _failedAt;
    private bool _isClosed;

    private StoreJournal(IStateFiles files, string path, ILogger logger, long mostGrowth, TimeProvider clock, ulong opening, StampSource stamps)
    {
        _files = files;
        _path = path;
        _logger = logger;
        _mostGrowth = mostGrowth;
        _clock = clock;
        Opening = opening;
        Stamps = stamps;
    }

    /// <summary>How often this store has been opened: 1 for a new one.</summary>
    public ulong Opening { get; }

    /// <summary>Numbers for changes, none of which any earlier opening has given out.</summary>
    public StampSource Stamps { get; }

    private static ReadOnlySpan<byte> Magic => "HOSPSTOR"u8;

    /// <summary>Opens the store of a file, or begins one.</summary>
    /// <param name="files">Where.</param>
    /// <param name="path">The file.</param>
    /// <param name="logger">Told when the file cannot be written any more, and when some of it could not be read.</param>
    /// <param name="tree">The store as it is.</param>
    /// <param name="mostGrowth">Bytes of commits after which the file is begun anew.</param>
    /// <param name="clock">When to try again after a failure.</param>
    /// <exception cref="XendException">The file was written by a newer version, or is none of ours; it has not been touched.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static StoreJournal Open(
        IStateFiles files, string path, ILogger logger, out StoreTree tree, long mostGrowth = 8 << 20, TimeProvider? clock = null)
    {
        ReadOnlyMemory<byte> file = files.Read(path) ?? [];
        ulong opening = 1;
        bool isNew = file.IsEmpty;
        if (!isNew)
            opening = ReadIdentity(path, ref file) + 1;

        // 2^40 changes for each opening, which takes years.
        StampSource stamps = new((long)opening << 40);
        tree = isNew ? StoreTree.Initial(stamps) : StoreTree.Initial(stamps).Remove(StorePath.Parse("/tool"), stamps);
        while (JournalRecords.TryTake(ref file, out ReadOnlyMemory<byte> record))
        {
            if (ChangeReader.Apply(tree, record.Span, stamps) is not { } next)
                break;
            tree = next;
        }

        if (!file.IsEmpty)
            XenstoreLog.JournalCutShort(logger, path, file.Length);
        StoreJournal journal = new(files, path, logger, mostGrowth, clock ?? TimeProvider.System, opening, stamps);
        journal.BeginFile(tree);
        return journal;
    }

    /// <summary>Notes a commit. The store's lock is held; a write reaches the kernel's memory and waits for no medium.</summary>
    public void Committed(StoreTree before, StoreTree after, IEnumerable<(StorePath Path, ChangeKinds Kinds)> changes)
    {
        if (_isClosed)
            return;
        try
        {
            if (_file is null)
            {
                if (_clock.GetElapsedTime(_failedAt) > TimeSpan.FromSeconds(1))
                    BeginFile(after);
                return;
            }

            ReadOnlySpan<byte> record = _writer.Write(before, after, changes);
            if (record.IsEmpty)
                return;
            _file.Write(_length, record);
            _length += record.Length;
            if (_length - _whole > Math.Max(_mostGrowth, _whole))
                BeginFile(after);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The store itself is sound, and worth more than a copy of it.
            if (_failedAt == 0)
                XenstoreLog.JournalFailed(_logger, _path, failure);
            _file?.Dispose();
            _file = null;
            _failedAt = _clock.GetTimestamp();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        _file?.Dispose();
    }

    private static ulong ReadIdentity(string path, ref ReadOnlyMemory<byte> file)
    {
        if (!JournalRecords.TryTake(ref file, out ReadOnlyMemory<byte> identity) || !identity.Span.StartsWith(Magic) || identity.Length < Magic.Length + sizeof(uint))
            throw XendException.Generic($"{path} is not a store of xend's. Move it away to begin with an empty one.");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(identity.Span[Magic.Length..]);
        if (version > Version || identity.Length != IdentityRecord)
        {
            throw XendException.Generic(
                $"{path} was written by a newer version of xend (format {version}, this one knows {Version}) and has not been touched. Start the newer xend, or move the file away to begin with an empty store.");
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(identity.Span[(Magic.Length + sizeof(uint))..]);
    }

    private void BeginFile(StoreTree tree)
    {
        byte[] identity = new byte[JournalRecords.HeaderSize + IdentityRecord];
        Span<byte> content = identity.AsSpan(JournalRecords.HeaderSize);
        Magic.CopyTo(content);
        BinaryPrimitives.WriteUInt32LittleEndian(content[Magic.Length..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(content[(Magic.Length + sizeof(uint))..], Opening);
        JournalRecords.Seal(identity);
        ReadOnlySpan<byte> whole = _writer.Write(tree);
        IStateFile next = _files.Create(_path + AtomicFile.Unfinished);
        try
        {
            next.Write(0, [.. identity, .. whole]);
            next.Sync();
            _files.Move(_path + AtomicFile.Unfinished, _path);
            _files.SyncDirectory(Path.GetDirectoryName(_path)!);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file?.Dispose();
        _file = next;
        _length = _whole = identity.Length + whole.Length;
        _failedAt = 0;
    }
}
