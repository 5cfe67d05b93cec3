using Hospes.Security.Tests.Support;
using Xunit.Sdk;

namespace Hospes.Security.Tests;

/// <summary>The conformance suite finds what is wrong with a module: for each kind of fault it fails.</summary>
public sealed class FaultyModuleTests
{
    public static TheoryData<PlainFault> Faults => [.. Enum.GetValues<PlainFault>().Where(static fault => fault != PlainFault.None)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_faulty_module_does_not_pass(PlainFault fault)
    {
        using Faulty suite = new(fault);
        Func<Task>[] facts =
        [
            () => Task.Run(suite.Without_a_policy_domains_without_labels_run),
            () => Task.Run(suite.Decisions_are_those_of_the_reference_monitor),
            () => Task.Run(suite.Default_is_to_deny),
            suite.Rivals_never_run_at_the_same_time,
        ];
        int failed = 0;
        foreach (Func<Task> fact in facts)
        {
            try
            {
                await fact();
            }
            catch (XunitException)
            {
                failed++;
            }
        }

        failed.Should().BePositive();
    }

    private sealed class Faulty(PlainFault fault) : PlainConformance
    {
        private protected override PlainFault Fault => fault;
    }
}
