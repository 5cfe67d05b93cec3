using Hospes.Sxp;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands.Security;

/// <summary>The lines that say what the policy has against a configuration (fact sheet "ACM", section 7), as the manual has them.</summary>
internal static class SecurityReport
{
    /// <summary>How xend begins the refusal of a configuration, and what xm says last.</summary>
    public const string Refusal = "Security configuration prevents domain from starting";

    private const string NullLabel = "__NULL_LABEL__";
    private const string NullPolicy = "NULL";

    /// <summary>Does something that xend may refuse for the policy's sake, and then says why.</summary>
    /// <exception cref="CommandFailedException">It was.</exception>
    public static T Explain<T>(XmSession session, SxpList form, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (XendFaultException fault) when (fault.Message.StartsWith(Refusal, StringComparison.Ordinal))
        {
            CheckedDomain result = session.Security.Check(form.ToString());
            if (!result.Permitted || result.Resources?.Any(static resource => !resource.Permitted) == true)
            {
                WriteDenials(session.Out, result);
                throw new CommandFailedException(Refusal, fault) { IsPlain = true };
            }

            throw; // nothing that the check sees: xend's own words say it
        }
    }

    /// <summary>The denials alone, at the left margin.</summary>
    private static void WriteDenials(TextWriter output, CheckedDomain result)
    {
        if (!result.Permitted)
        {
            output.Write($"{result.Name}: DENIED\n--> {result.Reason}\nChecking resources: (skipped)\n");
            return;
        }

        foreach (CheckedResource resource in result.Resources!.Where(static resource => !resource.Permitted))
            output.Write($"{resource.Resource}: DENIED\n--> res:{Label(resource)}\n--> dom:{result.Label} ({result.Policy})\n");
    }

    /// <summary>All of it, as a dry run shows it.</summary>
    /// <returns>Whether the domain may start.</returns>
    public static bool WriteAll(TextWriter output, CheckedDomain result)
    {
        output.Write("Checking domain:\n");
        if (!result.Permitted)
        {
            output.Write($"   {result.Name}: DENIED\n   --> {result.Reason}\nChecking resources: (skipped)\n");
            return false;
        }

        output.Write($"   {result.Name}: PERMITTED\nChecking resources:\n");
        foreach (CheckedResource resource in result.Resources ?? [])
        {
            output.Write($"   {resource.Resource}: {(resource.Permitted ? "PERMITTED" : "DENIED")}\n");
            if (!resource.Permitted)
                output.Write($"   --> res: {Label(resource)}\n   --> dom: {result.Label} ({result.Policy})\n");
        }

        return result.Resources?.All(static resource => resource.Permitted) != false;
    }

    private static string Label(CheckedResource resource) =>
        resource.Label.Length == 0 ? $"{NullLabel} ({NullPolicy})" : $"{resource.Label} ({resource.Policy})";
}
