using System.Globalization;
using Hospes.Sxp;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary>Labels of network interfaces, <c>vif-N</c>: in a configuration file if there is one of that name, else those of a managed domain.</summary>
internal static class VifLabels
{
    private const string Prefix = "vif-";
    private const int Most = 255;

    /// <summary>The number in <c>vif-N</c>; null: it is something else.</summary>
    /// <exception cref="UsageException">It is an interface, but which?</exception>
    public static int? Number(string kind)
    {
        if (!kind.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        return int.TryParse(kind.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= Most
            ? number
            : throw new UsageException($"'{kind}' names no network interface: vif-0 is the first one.");
    }

    /// <summary>Gives an interface a label of a resource.</summary>
    public static void Add(XmSession session, int number, string target, string policy, string label)
    {
        if (ConfigText.TryFind(session, target) is { } file)
        {
            if (!session.Security.Labels(policy, "res").Contains(label, StringComparer.Ordinal))
                throw new CommandFailedException($"Label '{label}' not found.");
            new ConfigVif(file, number).Add(policy, label);
        }
        else
        {
            session.Xend.Post(target, "security-label", ("name", label), ("policy", policy), ("vif", number));
        }

        session.Out.Write("Successfully labeled the VIF.\n");
    }

    /// <summary>Takes an interface's label away.</summary>
    public static void Remove(XmSession session, int number, string target)
    {
        if (ConfigText.TryFind(session, target) is { } file)
            new ConfigVif(file, number).Remove();
        else
            session.Xend.Post(target, "security-label", ("name", ""), ("policy", ""), ("vif", number));
        session.Out.Write("Successfully removed the label from the VIF.\n");
    }

    /// <summary>An interface's policy and label.</summary>
    /// <exception cref="CommandFailedException">It has none.</exception>
    public static (string Policy, string Label) Get(XmSession session, int number, string target)
    {
        if (ConfigText.TryFind(session, target) is { } file)
            return new ConfigVif(file, number).Label ?? throw NotLabelled(number, target);
        SxpList[] vifs = [.. SxpParser.ParseForm(session.Xend.DomainForm(target)).OfType<SxpList>().Where(static form => form.Name == "device")
            .SelectMany(static device => device.OfType<SxpList>()).Where(static form => form.Name == "vif")];
        if (number >= vifs.Length)
            throw new CommandFailedException($"Domain '{target}' has {vifs.Length} vifs: there is no vif-{number}.");
        return vifs[number].ValueText("security_label")?.Split(':') is [_, string policy, string label] ? (policy, label) : throw NotLabelled(number, target);
    }

    private static CommandFailedException NotLabelled(int number, string target) => new($"vif-{number} of '{target}' is not labeled.");
}
