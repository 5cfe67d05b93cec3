using System.Text;
using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Workloads;

/// <summary>
/// What <c>xensec_ezpolicy</c> edits and keeps in <c>.wld</c> files (fact sheet "ACM", section 9):
/// <c>ezpolicy = {'orgs': [['CocaCola', ['Extranet']]], 'cons': [['RER1', ['CocaCola', 'PepsiCo']]]}</c>.
/// </summary>
internal sealed record WorkloadDefinition(IReadOnlyList<Organization> Organizations, IReadOnlyList<ExclusionRule> Rules)
{
    /// <summary>Names of all workloads: each organisation, and after it its departments.</summary>
    public IEnumerable<string> Workloads =>
        Organizations.SelectMany(static organization => organization.Departments.Select(department => $"{organization.Name}.{department}").Prepend(organization.Name));

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="SecurityPolicyException">It is none, or holds no water.</exception>
    public static WorkloadDefinition Parse(string text)
    {
        object root = new WorkloadText(text).Read();
        if (root is not Dictionary<string, object> fields || fields.Keys.Except(["orgs", "cons"], StringComparer.Ordinal).Any()
            || fields.GetValueOrDefault("orgs") is not List<object> organizations || fields.GetValueOrDefault("cons", new List<object>()) is not List<object> rules)
            throw Wrong("ezpolicy = {'orgs': [...], 'cons': [...]}");
        WorkloadDefinition definition = new(
            [.. organizations.Select(static item => item is List<object> and [string name, List<object> departments] ? new Organization(name, Names(departments)) : throw Wrong("['ORGANIZATION', ['DEPARTMENT', ...]]"))],
            [.. rules.Select(static item => item is List<object> and [string name, List<object> workloads] ? new ExclusionRule(name, Names(workloads)) : throw Wrong("['RULE', ['WORKLOAD', ...]]"))]);
        definition.Check();
        return definition;
    }

    /// <summary>The file's text.</summary>
    public override string ToString()
    {
        StringBuilder text = new("ezpolicy = {'orgs': [");
        text.AppendJoin(", ", Organizations.Select(static organization => $"['{organization.Name}', [{Quoted(organization.Departments)}]]"));
        text.Append("], 'cons': [").AppendJoin(", ", Rules.Select(static rule => $"['{rule.Name}', [{Quoted(rule.Workloads)}]]"));
        return text.Append("]}\n").ToString();
    }

    private void Check()
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (Organization organization in Organizations)
        {
            foreach (string name in organization.Departments.Prepend(organization.Name))
            {
                if (name.Contains('.', StringComparison.Ordinal) || !Policies.PolicyName.IsWord(name) || name == WorkloadTranslation.Manager)
                    throw new SecurityPolicyException($"'{name}' cannot be the name of a workload: letters, digits, '_', '-' and '+', and not {WorkloadTranslation.Manager}");
            }

            foreach (string name in organization.Departments.Select(department => $"{organization.Name}.{department}").Prepend(organization.Name))
            {
                if (!known.Add(name))
                    throw new SecurityPolicyException($"Item with name {name} already exists!");
            }
        }

        foreach (ExclusionRule rule in Rules)
        {
            foreach (string workload in rule.Workloads)
            {
                if (!known.Contains(workload))
                    throw new SecurityPolicyException($"Rule '{rule.Name}' is about '{workload}', which is no workload");
                string organization = workload.Split('.')[0];
                if (organization != workload && rule.Workloads.Contains(organization, StringComparer.Ordinal))
                    throw new SecurityPolicyException($"Invalid Selection [ {organization}, {workload} ].");
            }
        }
    }

    private static string[] Names(List<object> items) => [.. items.Select(static item => item as string ?? throw Wrong("a list of names"))];

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(static name => $"'{name}'"));

    private static SecurityPolicyException Wrong(string expected) => new($"This is no workload definition: {expected} is expected");
}
