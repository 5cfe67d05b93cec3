using System.Text;
using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tests;

/// <summary>
/// Random transactions, interleaved, against a plain model: a transaction that committed must have seen and done exactly what it would have, had
/// it run alone at the moment of its commit.
/// </summary>
public sealed class SerializabilityTests
{
    private static readonly Caller Dom0 = new(DomainId.Zero);
    private static readonly StorePath[] Paths =
        [.. new[] { "/a", "/a/b", "/a/b/c", "/a/b/d", "/a/e", "/f", "/f/g", "/f/g/h/i" }.Select(StorePath.Parse)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_committed_transaction_did_what_it_would_have_done_alone(int seed)
    {
        var random = new Random(seed);
        var engine = new StoreEngine(new XenstoreQuotas());
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var open = new List<(WorkingCopy Copy, List<(Step Step, string Result)> Log)>();
        int committed = 0;
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            switch (random.Next(10))
            {
                case 0 when open.Count < 4:
                    open.Add((engine.BeginTransaction(), []));
                    break;
                case 1 when open.Count > 0:
                    var (copy, log) = open[random.Next(open.Count)];
                    open.RemoveAll(entry => ReferenceEquals(entry.Copy, copy));
                    bool wrote = copy.HasChanges;
                    if (engine.Commit(Dom0, copy) != XenstoreError.None)
                    {
                        refused++;
                        break;
                    }

                    committed++;
                    if (wrote)
                        log.ForEach(entry => OnModel(model, entry.Step).Should().Be(entry.Result, $"of {entry.Step} in step {i}"));
                    break;
                case 2:
                    var alone = Step.Random(random, Paths);
                    OnEngine(engine, null, alone).Should().Be(OnModel(model, alone), $"of {alone} in step {i}");
                    break;
                case > 2 when open.Count > 0:
                    var chosen = open[random.Next(open.Count)];
                    var step = Step.Random(random, Paths);
                    chosen.Log.Add((step, OnEngine(engine, chosen.Copy, step)));
                    break;
            }

            if (i % 50 == 0)
                Dump(engine.Tree).Should().Be(string.Join(' ', model.Select(static n => $"{n.Key}={n.Value}")), $"after step {i}");
        }

        committed.Should().BeGreaterThan(200);
        refused.Should().BeGreaterThan(200);
    }

    private static string OnEngine(StoreEngine engine, WorkingCopy? transaction, Step step)
    {
        string seen = "";
        var error = engine.Apply(Dom0, transaction, store =>
        {
            switch (step.Kind)
            {
                case StepKind.Read:
                    var read = store.Read(step.Path, out byte[] value);
                    seen = Encoding.ASCII.GetString(value);
                    return read;
                case StepKind.List:
                    var list = store.List(step.Path, out var node);
                    seen = node is null ? "" : string.Join(',', node.ChildNames().Order(StringComparer.Ordinal));
                    return list;
                case StepKind.Write:
                    return store.Write(step.Path, Encoding.ASCII.GetBytes(step.Value));
                case StepKind.Make:
                    return store.MakeDirectory(step.Path);
                default:
                    return store.Remove(step.Path);
            }
        });
        return $"{error} {seen}";
    }

    private static string OnModel(SortedDictionary<string, string> model, Step step)
    {
        string path = step.Path.Text;
        bool exists = model.ContainsKey(path);
        switch (step.Kind)
        {
            case StepKind.Read:
                return exists ? $"None {model[path]}" : "ENOENT ";
            case StepKind.List:
                return exists ? $"None {string.Join(',', ChildrenOf(model, path))}" : "ENOENT ";
            case StepKind.Write or StepKind.Make:
                for (var parent = step.Path; !parent.IsRoot; parent = parent.Parent)
                    model.TryAdd(parent.Text, "");
                if (step.Kind == StepKind.Write)
                    model[path] = step.Value;
                return "None ";
            default:
                bool parentExists = step.Path.Parent.IsRoot || model.ContainsKey(step.Path.Parent.Text);
                foreach (string below in model.Keys.Where(k => k == path || k.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
                    model.Remove(below);
                return parentExists ? "None " : "ENOENT ";
        }
    }

    private static IEnumerable<string> ChildrenOf(SortedDictionary<string, string> model, string path) =>
        model.Keys.Where(k => StorePath.Parse(k).Parent.Text == path).Select(static k => StorePath.Parse(k).Name);

    private static string Dump(StoreTree tree)
    {
        var nodes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Visit(StorePath path, StoreNode node)
        {
            foreach (var (name, child) in node.Children)
            {
                var at = path.Child(name);
                if (path.IsRoot && name == "tool")
                    continue;
                nodes.Add(at.Text, Encoding.ASCII.GetString(child.Value));
                Visit(at, child);
            }
        }

        Visit(StorePath.Root, tree.Root);
        return string.Join(' ', nodes.Select(static n => $"{n.Key}={n.Value}"));
    }

    private enum StepKind
    {
        Read,
        List,
        Write,
        Make,
        Remove,
    }

    private sealed record Step(StepKind Kind, StorePath Path, string Value)
    {
        public static Step Random(Random random, StorePath[] paths) =>
            new((StepKind)random.Next(5), paths[random.Next(paths.Length)], random.Next(100).ToString());
    }
}
