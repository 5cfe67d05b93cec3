using System.Globalization;
using System.Text;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Binary;

/// <summary>A policy in force as <c>xm dumppolicy</c> shows it, in Xen's layout and spelling (fact sheet "ACM", section 8.1).</summary>
internal sealed class PolicyDump(EnforcedPolicy enforced)
{
    private readonly AcmPolicy _policy = enforced.Policy;
    private readonly StringBuilder _text = new();

    /// <summary>The text.</summary>
    public string Write()
    {
        byte[] binary = PolicyBinary.Write(_policy);
        TableReader header = new(binary);
        Heading("Policy dump:", 12);
        Line($"POLICY REFERENCE = {_policy.Name}.");
        Line($"PolicyVer = {PolicyBinary.Version:x}.");
        Line($"XML Vers. = {_policy.Header.Version}.");
        Line($"Magic     = {PolicyBinary.Magic:x}.");
        Line($"Len       = {binary.Length:x}.");
        Line($"Primary   = {Title(_policy.Primary)} (c={(int)_policy.Primary:x}, off={header.Word(20):x}).");
        Line($"Secondary = {Title(_policy.Secondary)} (c={(int)_policy.Secondary:x}, off={header.Word(28):x}).");
        foreach (PolicyComponent component in (PolicyComponent[])[_policy.Primary, _policy.Secondary])
        {
            if (component == PolicyComponent.ChineseWall)
                Wall();
            else if (component == PolicyComponent.SimpleTypeEnforcement)
                Sharing();
        }

        return _text.ToString();
    }

    private static string Title(PolicyComponent component) => component switch
    {
        PolicyComponent.ChineseWall => "CHINESE WALL",
        PolicyComponent.SimpleTypeEnforcement => "SIMPLE TYPE ENFORCEMENT",
        _ => "NULL",
    };

    private void Wall()
    {
        int types = _policy.WallTypes!.Count;
        TypeSet[] rows = [TypeSet.Empty, .. _policy.Subjects.Select(static label => label.WallTypes)];
        int sets = PolicyBinary.WallWords * 4 + rows.Length * types * 2;
        int running = sets + _policy.Conflicts.Count * types * 2;
        Line($"");
        Heading("Chinese Wall policy:", 20);
        Line($"Policy version= {1:x}.");
        Line($"Max Types     = {types:x}.");
        Line($"Max Ssidrefs  = {rows.Length:x}.");
        Line($"Max ConfSets  = {_policy.Conflicts.Count:x}.");
        Line($"Ssidrefs Off  = {PolicyBinary.WallWords * 4:x}.");
        Line($"Conflicts Off = {sets:x}.");
        Line($"Runing T. Off = {running:x}.");
        Line($"C. Agg. Off   = {running + types * 2:x}.");
        Matrix("CHWALL", rows, types);
        Line($"");
        Line($"Confict Sets:");
        for (int set = 0; set < _policy.Conflicts.Count; set++)
            Line($"   c-set{set,2:x}:    {Bits(_policy.Conflicts[set].Types, types)}");
        Line($"");
        Line($"Running");
        Line($"Types:         {Counts(enforced.Wall.Running)}");
        Line($"");
        Line($"Conflict");
        Line($"Aggregate Set: {Counts(enforced.Wall.Excluded)}");
    }

    private void Sharing()
    {
        int types = _policy.Types!.Count;
        TypeSet[] rows = [TypeSet.Empty, .. _policy.Subjects.Concat(_policy.Resources).Select(static label => label.Types)];
        Line($"");
        Heading("Simple Type Enforcement policy:", 31);
        Line($"Policy version= {1:x}.");
        Line($"Max Types     = {types:x}.");
        Line($"Max Ssidrefs  = {rows.Length:x}.");
        Line($"Ssidrefs Off  = {PolicyBinary.SharingWords * 4:x}.");
        Matrix("STE", rows, types);
    }

    private void Matrix(string name, TypeSet[] rows, int types)
    {
        Line($"");
        Line($"SSID To {name}-Type matrix:");
        for (int ssid = 0; ssid < rows.Length; ssid++)
            Line($"   ssidref{ssid,2:x}:  {Bits(rows[ssid], types)}{(ssid == 1 ? " <-- Domain-0" : "")}");
    }

    private static string Bits(TypeSet row, int types) => string.Concat(Enumerable.Range(0, types).Select(type => row.Contains(type) ? "01 " : "00 "));

    private static string Counts(IReadOnlyList<uint> counts) => string.Concat(counts.Select(static count => $"{count:x2} "));

    private void Heading(string title, int width)
    {
        Line($"{title}");
        Line($"{new string('=', width)}");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
