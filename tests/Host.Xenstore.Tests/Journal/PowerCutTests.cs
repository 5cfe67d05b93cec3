using System.Text;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Journal;
using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tests.Support;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Xenstore.Tests.Journal;

/// <summary>The power is cut before, within and after each write: the store can be read, and is as it was after one of its changes.</summary>
public sealed class PowerCutTests
{
    private const string Path = "/state/store";

    private readonly RecordedFiles _files = new();
    private readonly List<(int Steps, string Store)> _states = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_store_is_as_it_was_after_one_of_its_changes(int seed)
    {
        Change(seed, 120);
        int rewrites = 0;
        for (int step = 0; step <= _files.Count; step++)
        {
            // The last change whose write is whole; within one, the one before.
            string present = Present(step);
            Reopened(_files.After(step)).Should().Be(present, $"all of {step} steps has arrived");
            if (step == _files.Count)
                break;
            int bytes = _files.BytesOf(step);
            foreach (int torn in (int[])[1, bytes / 2, bytes - 1])
            {
                if (torn > 0 && torn < bytes)
                    Reopened(_files.After(step, torn)).Should().Be(present, $"{torn} of {bytes} bytes of step {step} have arrived");
            }

            foreach ((bool data, bool names) in ((bool, bool)[])[(false, false), (false, true), (true, false)])
            {
                Dictionary<string, byte[]> left = _files.After(step, 0, data, names);
                string found = Reopened(left);
                (found == Reopened([]) || _states.Any(state => state.Store == found)).Should().BeTrue($"{step} steps, data {data}, names {names}");
                rewrites += left.ContainsKey(Path) ? 1 : 0;
            }
        }

        rewrites.Should().BePositive();
        _files.Count.Should().BeGreaterThan(_states.Count + 8, "the file was begun anew several times");
    }

    [Fact]
    public void What_was_waited_for_is_there_whatever_is_lost()
    {
        using (StoreJournal.Open(_files, Path, NullLogger.Instance, out StoreTree tree))
            tree.Should().NotBeNull();
        Reopened(_files.After(_files.Count, 0, keepsData: false, keepsNames: false)).Should().Be(Reopened([]));
        _files.After(_files.Count, 0, keepsData: false, keepsNames: false).Should().ContainKey(Path);
    }

    [Fact]
    public void A_damaged_byte_costs_no_more_than_what_follows()
    {
        Change(4, 40);
        byte[] whole = _files.After(_files.Count)[Path];
        for (int at = 40; at < whole.Length; at += 7)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x20;
            string found = Reopened(new Dictionary<string, byte[]> { [Path] = damaged });
            (found.Length == 0 || _states.Any(state => state.Store == found) || !found.Contains("/local", StringComparison.Ordinal)).Should().BeTrue($"byte {at}");
        }
    }

    [Fact]
    public void A_full_medium_costs_the_store_nothing_and_the_file_is_whole_again_when_there_is_room()
    {
        ManualClock clock = new();
        using StoreJournal journal = StoreJournal.Open(_files, Path, NullLogger.Instance, out StoreTree tree, clock: clock);
        StoreEngine engine = new(new XenstoreQuotas(), journal, tree);
        XenstoreClient client = new(engine, NullLogger.Instance);
        client.Write("/a", "1");
        _files.IsFull = true;
        client.Write("/a", "2");
        client.Write("/b", "3");
        client.Read("/a").Should().Be("2");
        Reopened(_files.After(_files.Count)).Should().Contain("/a n0 1").And.NotContain("/b");
        _files.IsFull = false;
        clock.Advance(TimeSpan.FromSeconds(2));
        client.Write("/c", "4");
        Reopened(_files.After(_files.Count)).Should().Be(Text(engine.Tree));
    }

    [Fact]
    public void A_file_of_a_newer_version_or_of_somebody_else_is_named_and_not_touched()
    {
        StoreJournal.Open(_files, Path, NullLogger.Instance, out _).Dispose();
        byte[] newer = _files.After(_files.Count)[Path];
        newer[8 + 8] = 9;
        JournalRecords.Seal(newer.AsSpan(0, 8 + 20));
        foreach ((byte[] file, string words) in ((byte[], string)[])[(newer, "newer version of xend (format 9, this one knows 1)"), ("something"u8.ToArray(), "is not a store of xend's")])
        {
            CutFiles files = new(new Dictionary<string, byte[]> { [Path] = file });
            FluentActions.Invoking(() => StoreJournal.Open(files, Path, NullLogger.Instance, out _)).Should().Throw<XendException>().WithMessage($"*{Path}*{words}*");
            files.Read(Path).Should().Equal(file);
        }
    }

    private void Change(int seed, int changes)
    {
        Random random = new(seed);
        using StoreJournal journal = StoreJournal.Open(_files, Path, NullLogger.Instance, out StoreTree tree, mostGrowth: 500);
        StoreEngine engine = new(new XenstoreQuotas(), journal, tree);
        XenstoreClient client = new(engine, NullLogger.Instance);
        _states.Add((_files.Count, Text(engine.Tree)));
        for (int change = 0; change < changes; change++)
        {
            int before = _files.Count;
            client.Atomically(store =>
            {
                for (int count = random.Next(1, 4); count > 0; count--)
                    Change(store, random);
            });

            // Its record is the first step; more follow when the file is begun anew.
            _states.Add((before + 1, Text(engine.Tree)));
        }
    }

    private static void Change(XenstoreTransaction store, Random random)
    {
        string path = "/local" + string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"/{(char)('a' + random.Next(3))}"));
        switch (random.Next(6))
        {
            case 0:
                store.Remove(path);
                break;
            case 1 when store.Exists(path):
                store.SetPermissions(path, NodePermissions.Parse($"n{random.Next(3)},r{random.Next(5)}"));
                break;
            case 2:
                store.Remove(path);
                store.Write($"{path}/deep/er", "made anew");
                break;
            case 3:
                store.SetPermissions("@releaseDomain", NodePermissions.Parse($"n0,r{random.Next(9)}"));
                break;
            default:
                store.Write(path, new string((char)('0' + random.Next(10)), random.Next(40)));
                break;
        }
    }

    private string Present(int steps) => _states.LastOrDefault(state => state.Steps <= steps) is { Store: { } store } ? store : Reopened([]);

    private static string Reopened(Dictionary<string, byte[]> left)
    {
        using StoreJournal journal = StoreJournal.Open(new CutFiles(left), Path, NullLogger.Instance, out StoreTree tree);
        return Text(tree);
    }

    private static string Text(StoreTree tree)
    {
        StringBuilder text = new();
        Append(text, "", tree.Root);
        foreach (StorePath special in (StorePath[])[StorePath.IntroduceDomain, StorePath.ReleaseDomain])
            text.Append(special).Append(' ').Append(tree.Find(special)!.Permissions).Append('\n');
        foreach ((DomainId owner, int count) in tree.NodesOwned.OrderBy(static owned => owned.Key.Value))
            text.Append($"{owner} owns {count}\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, string path, StoreNode node)
    {
        text.Append($"{path} {node.Permissions} {Encoding.UTF8.GetString(node.Value)}\n");
        foreach (string name in node.ChildNames())
            Append(text, $"{path}/{name}", node.Children[name]);
    }
}
