using System.Globalization;
using System.Text;

namespace Hospes.Linux.Networking;

/// <summary>
/// Keeps the packets of interfaces apart by class, whatever lies between them: each packet is marked where it comes in, and looked at where it goes out to
/// a guarded interface, so that a bridge, a router, an address translation or several of these in a row make no difference. One table of family netdev;
/// a change of it is applied whole or not at all. Marks are 0xac and the class in 24 bits.
/// </summary>
/// <remarks>
/// <code>
/// guest --> ingress: meta mark set 0xac000003 --> bridge, routes, translation --> egress: meta mark { 0xac000003 } accept; drop --> guest
/// </code>
/// What leaves the machine, or stays on it, goes out by no guarded interface: for that the machine's own hooks see the mark (<c>input</c>, <c>forward</c> and, of a
/// bridge's port, <c>postrouting</c>). A packet whose mark somebody else's rules have replaced counts as the machine's own.
/// </remarks>
public static class TrafficGuard
{
    private const uint MarkBase = 0xac00_0000;
    private const string MarkMask = "0xff000000";
    private const string MarkValue = "0xac000000";

    /// <summary>Guards interfaces; those that were guarded before and are not among them are left as they are.</summary>
    /// <param name="filter">The filters of their namespace.</param>
    /// <param name="table">The table's name.</param>
    /// <param name="interfaces">The interfaces, which exist.</param>
    /// <param name="guarded">All guarded interfaces, those among them.</param>
    /// <exception cref="IOException">The kernel cannot do it (its hook for packets that go out came with Linux 5.16); nothing has changed.</exception>
    public static void Apply(PacketFilter filter, string table, IReadOnlyList<GuardedInterface> interfaces, IReadOnlyList<GuardedInterface> guarded)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"add table netdev {table}\n");
        foreach (GuardedInterface one in interfaces)
        {
            Chain(text, table, one.Name, "in", "ingress", "accept", [$"meta mark set {Mark(one.Class)}"]);
            List<string> rules = [];
            if (one.Permitted.Count > 0)
                rules.Add($"meta mark {{ {string.Join(", ", one.Permitted.Select(Mark))} }} accept");
            if (one.HearsUnclassified)
                rules.Add($"meta mark and {MarkMask} != {MarkValue} accept");
            Chain(text, table, one.Name, "out", "egress", "accept", [.. rules, "counter drop"]);
        }

        Local(text, table, guarded);
        filter.Apply("keep the traffic of interfaces apart", text.ToString());
    }

    /// <summary>Takes the guard of an interface away; the interface may be gone, and the guard with it.</summary>
    public static void Remove(PacketFilter filter, string table, string name)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"add table netdev {table}\n");
        foreach (string end in (string[])["in", "out"])
        {
            string chain = $"netdev {table} {name}-{end}";
            text.Append(CultureInfo.InvariantCulture, $"add chain {chain}\nflush chain {chain}\ndelete chain {chain}\n");
        }

        filter.Apply($"take the guard of {name} away", text.ToString());
    }

    /// <summary>Takes all guards away.</summary>
    public static void RemoveAll(PacketFilter filter, string table)
    {
        StringBuilder text = new();
        foreach (string family in (string[])["netdev", "inet", "bridge"])
            text.Append(CultureInfo.InvariantCulture, $"add table {family} {table}\ndelete table {family} {table}\n");
        filter.Apply("take the guards of interfaces away", text.ToString());
    }

    private static string Mark(int number) => string.Create(CultureInfo.InvariantCulture, $"0x{MarkBase | (uint)number:x8}");

    private static void Chain(StringBuilder text, string table, string device, string end, string hook, string policy, IReadOnlyList<string> rules)
    {
        string chain = $"netdev {table} {device}-{end}";
        string head = $"{chain} {{ type filter hook {hook} device \"{device}\" priority 10; policy {policy}; }}";
        text.Append(CultureInfo.InvariantCulture, $"add chain {head}\nflush chain {chain}\n"); // to delete one costs the kernel a grace period
        foreach (string rule in rules)
            text.Append(CultureInfo.InvariantCulture, $"add rule {chain} {rule}\n");
    }

    // What may not reach the machine or the world beyond: marked packets of closed classes, but for those on their way to a guarded interface, which decides.
    private static void Local(StringBuilder text, string table, IReadOnlyList<GuardedInterface> guarded)
    {
        int[] closed = [.. guarded.Where(static one => !one.ReachesUnclassified).Select(static one => one.Class).Distinct().Order()];
        foreach ((string family, string[] hooks) in ((string, string[])[])[("inet", ["input", "postrouting"]), ("bridge", ["input", "postrouting"])])
        {
            text.Append(CultureInfo.InvariantCulture, $"add table {family} {table}\ndelete table {family} {table}\n");
            if (closed.Length == 0)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"add table {family} {table}\n");
            foreach (string hook in hooks)
            {
                string except = hook == "postrouting" ? $"oifname != {{ {string.Join(", ", guarded.Select(static one => $"\"{one.Name}\""))} }} " : "";

                // A bridge hands what its router is to send on to the machine, whose own hooks see it then.
                if (family == "bridge" && hook == "input")
                    continue;
                text.Append(CultureInfo.InvariantCulture, $"add chain {family} {table} {hook} {{ type filter hook {hook} priority 10; policy accept; }}\n");
                text.Append(CultureInfo.InvariantCulture, $"add rule {family} {table} {hook} {except}meta mark {{ {string.Join(", ", closed.Select(Mark))} }} counter drop\n");
            }
        }
    }
}
