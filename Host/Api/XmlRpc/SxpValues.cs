using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>S-expressions as XML-RPC carries them: lists are arrays, atoms texts, but for the numbers of listings.</summary>
internal static class SxpValues
{
    private static readonly HashSet<string> Whole = new(StringComparer.Ordinal)
    {
        "domid", "vcpus", "cpu_cap", "cpu_weight", "memory", "shadow_memory", "maxmem", "online_vcpus", "status", "store_mfn", "console_mfn", "vcpu_avail",
        "vcpu_count", "number", "online", "blocked", "running", "cpu",
    };

    private static readonly HashSet<string> Real = new(StringComparer.Ordinal) { "start_time", "cpu_time" };

    /// <summary>A form as a value.</summary>
    public static object From(SxpNode node)
    {
        if (node is not SxpList list)
            return node.Text;
        if (list is [SxpAtom key, SxpAtom value])
        {
            if (Whole.Contains(key.Text) && long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
                return new object[] { key.Text, whole };
            if (Real.Contains(key.Text) && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real))
                return new object[] { key.Text, real };
        }

        if (list is [SxpAtom { Text: "cpumap" } map, SxpList cpus])
            return new object[] { map.Text, cpus.Select(static cpu => (object)long.Parse(cpu.Text, CultureInfo.InvariantCulture)).ToArray() };
        return list.Select(From).ToArray();
    }

    /// <summary>A value as a form.</summary>
    /// <exception cref="XendException">A dictionary is in it.</exception>
    public static SxpNode ToForm(object? value) => value switch
    {
        null => new SxpAtom(""),
        string text => new SxpAtom(text),
        bool flag => new SxpAtom(flag ? "1" : "0"),
        IEnumerable<object?> items => new SxpList([.. items.Select(ToForm)]),
        IFormattable number => new SxpAtom(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw XendException.Generic("A configuration is made of lists and texts"),
    };
}
